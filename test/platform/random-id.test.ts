import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { newConsole } from '../../server/consoles/new-console.ts';
import type { Machine } from '../../server/providers/provider.ts';
import { randomId } from '../../server/platform/random-id.ts';

const MANY = 2000;

describe('an id', () => {
  it('is no option on a command line, and never twice the same', () => {
    const ids = Array.from({ length: MANY }, () => randomId(12));
    for (const id of ids) assert.match(id, /^[A-Za-z0-9_][A-Za-z0-9_-]{15}$/);
    assert.equal(new Set(ids).size, MANY);
  });

  it('of a console is such a one', () => {
    const machine: Omit<Machine, 'provider'> = {
      ...{ id: 'lab:desk', localId: 'desk', name: 'Desk', type: 'vm', location: 'default' },
      ...{ power: 'on', consoles: ['vnc'], owner: null },
    };
    const people = { user: 'alice', openedBy: 'alice' };
    const terms = { readOnly: false, purpose: null, approvers: null };
    const may = { extend: true, share: true, power: false };
    const limits = { ttl: 60, maxTtl: 60, extendStep: 60, approvalTtl: 60, perCustomer: 0 };
    for (let n = 0; n < MANY; n += 1) {
      const request = { machine, ...people, ...terms, may };
      assert.doesNotMatch(newConsole(request, limits, 0).record.id, /^-/);
    }
  });
});
