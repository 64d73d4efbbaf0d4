import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  type ConsoleChange,
  type ConsoleRecord,
  assertOpen,
  change,
  dueAt,
} from '../../server/consoles/console.ts';
import { UNSHARED } from '../../server/consoles/sharing.ts';
import { STATUS, type StatusCode } from '../../server/contract/index.ts';
import { GatewayError } from '../../server/errors.ts';

const OPEN: ConsoleRecord = {
  id: 'c',
  machine: 'lab:desk',
  machineName: 'Desk',
  kind: 'vnc',
  readOnly: false,
  user: 'alice',
  openedBy: 'alice',
  signIn: null,
  purpose: null,
  approval: null,
  may: { extend: true, share: true, power: true },
  owner: 'alice',
  display: null,
  closeUrl: null,
  createdAt: 0,
  expiresAt: 1000,
  extendableUntil: 5000,
  launchKeyHash: 'h',
  browser: null,
  state: 'starting',
  reason: null,
  fault: null,
  idleAt: null,
  tunnels: [],
  sharing: UNSHARED,
  revision: 0,
};

const opened = (tunnel: string): ConsoleChange => ({ type: 'tunnel-opened', tunnel });
const pictured = (tunnel: string): ConsoleChange => ({
  type: 'pictured',
  tunnel,
  connection: { id: `$${tunnel}`, guacd: { path: '/guacd' }, protocol: 'vnc', parameters: {} },
});
const lost = (tunnel: string, status: StatusCode): ConsoleChange => ({
  type: 'tunnel-closed',
  tunnel,
  end: { status, message: `${status}.` },
  now: 0,
});

function after(...changes: ConsoleChange[]): ConsoleRecord {
  return changes.reduce(change, OPEN);
}

const CONNECTED: ConsoleChange[] = [{ type: 'resolved' }, opened('t1'), pictured('t1')];

describe('the life of a console', () => {
  it('goes from starting over ready to connected', () => {
    assert.equal(after().state, 'starting');
    assert.equal(after({ type: 'resolved' }).state, 'ready');
    assert.equal(after({ type: 'resolved' }, opened('t1')).state, 'ready');
    assert.equal(after(...CONNECTED).state, 'connected');
  });

  it('is detached when the browser leaves, and connected again when it is back', () => {
    const left = after(...CONNECTED, lost('t1', 'client_left'));
    assert.deepEqual([left.state, left.fault], ['detached', null]);
    assert.equal([opened('t2'), pictured('t2')].reduce(change, left).state, 'connected');
  });

  it('stays connected while another tab has its tunnel', () => {
    const two = after(...CONNECTED, opened('t2'), lost('t1', 'client_left'));
    assert.deepEqual([two.state, two.tunnels], ['connected', ['t2']]);
  });

  it('keeps a fault that may pass, and forgets it with the next picture', () => {
    const faulty = after(...CONNECTED, lost('t1', 'guacd_lost'));
    assert.equal(faulty.state, 'detached');
    assert.deepEqual(faulty.fault, { code: 'guacd_lost', message: 'guacd_lost.' });
    assert.equal([opened('t2'), pictured('t2')].reduce(change, faulty).fault, null);
  });

  it('fails for good when trying again cannot help', () => {
    const refused = after(
      { type: 'resolved' },
      opened('t1'),
      lost('t1', 'target_credentials_refused'),
    );
    assert.deepEqual([refused.state, refused.reason], ['closed', 'failed']);
    assert.equal(refused.fault?.code, 'target_credentials_refused');
    const fault = { code: 'machine_not_found', message: 'gone' } as const;
    assert.equal(after({ type: 'faulted', fault }).reason, 'failed');
  });

  it('stays open where a person can mend what is wrong', () => {
    for (const code of ['machine_not_running', 'console_held'] as const) {
      const waiting = after({ type: 'faulted', fault: { code, message: 'so far' } });
      assert.deepEqual([waiting.state, waiting.fault?.code], ['starting', code]);
    }
  });

  it('is closed as idle when its time without a person is over, and not before', () => {
    const used = after(...CONNECTED, { type: 'used', idleAt: 500 });
    assert.equal(dueAt(used), 500);
    assert.equal(change(used, { type: 'due', now: 499 }), used);
    assert.deepEqual(change(used, { type: 'due', now: 500 }).reason, 'idle');
    const again = change(used, { type: 'used', idleAt: 2000 });
    assert.equal(change(again, { type: 'due', now: 500 }), again);
    assert.equal(dueAt(again), OPEN.expiresAt);
    assert.equal(change(after(...CONNECTED), { type: 'due', now: 9999 }).state, 'connected');
  });

  it('is detached when the replica of its only tunnel is lost, and takes no tunnel twice', () => {
    const twice = after(...CONNECTED, opened('t1'), opened('t2'));
    assert.deepEqual(twice.tunnels, ['t1', 't2']);
    const half = change(twice, { type: 'tunnels-lost', tunnels: ['t1', 'other'], now: 0 });
    assert.deepEqual([half.state, half.tunnels], ['connected', ['t2']]);
    assert.equal(change(half, { type: 'tunnels-lost', tunnels: ['t2'], now: 0 }).state, 'detached');
    assert.equal(change(half, { type: 'tunnels-lost', tunnels: ['t9'], now: 0 }), half);
  });

  it('ends when the machine ends the session', () => {
    assert.equal(after(...CONNECTED, lost('t1', 'console_ended')).reason, 'ended');
  });

  it('is not touched by a gateway that shuts down', () => {
    const left = after(...CONNECTED, lost('t1', 'shutting_down'));
    assert.deepEqual([left.state, left.fault], ['detached', null]);
  });

  it('is bound to the browser that redeemed it', () => {
    assert.equal(after({ type: 'redeemed', browser: 'b' }).browser, 'b');
  });

  it('changes no more once it is closed, whatever happens', () => {
    const status = fc.constantFrom(...(Object.keys(STATUS) as StatusCode[]));
    const tunnel = fc.constantFrom('t1', 't2');
    const anyChange: fc.Arbitrary<ConsoleChange> = fc.oneof(
      fc.constant<ConsoleChange>({ type: 'resolved' }),
      tunnel.map(opened),
      tunnel.map(pictured),
      fc.tuple(tunnel, status).map(([id, code]) => lost(id, code)),
      fc.constant<ConsoleChange>({ type: 'closed', reason: 'killed' }),
      fc.constant<ConsoleChange>({ type: 'closed', reason: 'expired' }),
    );
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 20 }), (changes) => {
        let record = OPEN;
        for (const next of changes) {
          const before = record;
          record = change(record, next);
          if (before.state === 'closed') assert.equal(record, before);
          assert.equal(record.state === 'closed', record.reason !== null);
          if (record.state === 'closed') assert.deepEqual(record.tunnels, []);
        }
      }),
    );
  });

  it('is over at its deadline to the millisecond, and says why it is closed', () => {
    const codeOf = (record: ConsoleRecord, now: number): string => {
      try {
        assertOpen(record, now);
        return 'open';
      } catch (error) {
        assert.ok(error instanceof GatewayError);
        return error.status;
      }
    };
    assert.equal(codeOf(OPEN, 999), 'open');
    assert.equal(codeOf(OPEN, 1000), 'console_expired');
    assert.equal(codeOf(after({ type: 'closed', reason: 'killed' }), 0), 'console_killed');
  });
});
