import assert from 'node:assert/strict';
import { operations } from '../../server/contract/operations/index.ts';

describe('a call that changes a console, a machine or a token', () => {
  for (const [name, { method, path, audited }] of Object.entries(operations)) {
    if (method === 'GET' || !/^\/api\/v1\/(consoles|machines|tokens)\b/.test(path)) continue;
    it(`has its refusals in the audit trail: ${name}`, () => {
      assert.notEqual(audited, undefined);
    });
  }
});
