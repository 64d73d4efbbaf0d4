import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { describe, it } from 'mocha';
import { closeCallOf } from '../../server/close-calls/close-call.ts';
import { retryDelay } from '../../server/close-calls/retry-delay.ts';
import { signedHeaders } from '../../server/close-calls/signature.ts';
import { type ConsoleRecord, change } from '../../server/consoles/console.ts';
import { UNSHARED } from '../../server/consoles/sharing.ts';

const OPENED_AT = Date.parse('2026-03-01T10:00:00.000Z');
const open = {
  id: 'c1',
  machine: 'lab:desk',
  machineName: 'Desk',
  kind: 'vnc',
  readOnly: false,
  user: 'alice',
  createdAt: OPENED_AT,
  expiresAt: OPENED_AT + 60_000,
  closeUrl: 'https://portal.example/closed?ticket=7',
  launchKeyHash: 'never told',
  state: 'connected',
  fault: null,
  reason: null,
  tunnels: [],
  sharing: UNSHARED,
} as unknown as ConsoleRecord;

describe('the call of a close URL', () => {
  const killed = change(open, { type: 'closed', reason: 'killed' });
  const at = OPENED_AT + 5000;

  it('comes about with the change that closes a console, and with no other', () => {
    const call = closeCallOf({ before: open, after: killed }, at);
    assert.deepEqual([call?.id, call?.url], ['close_c1', open.closeUrl]);
    assert.deepEqual(JSON.parse(call?.body ?? ''), {
      id: 'close_c1',
      type: 'console.closed',
      console: 'c1',
      machine: 'lab:desk',
      machineName: 'Desk',
      kind: 'vnc',
      readOnly: false,
      user: 'alice',
      reason: 'killed',
      error: null,
      openedAt: '2026-03-01T10:00:00.000Z',
      closedAt: '2026-03-01T10:00:05.000Z',
    });
    assert.equal(closeCallOf({ before: killed, after: killed }, at), null);
    const extended = change(open, { type: 'extended', expiresAt: at });
    assert.equal(closeCallOf({ before: open, after: extended }, at), null);
    const silent = { ...open, closeUrl: null };
    const closed = change(silent, { type: 'closed', reason: 'ended' });
    assert.equal(closeCallOf({ before: silent, after: closed }, at), null);
  });

  it('says of a console that was found later that it closed when its time was over', () => {
    const after = change(open, { type: 'closed', reason: 'expired' });
    const call = closeCallOf({ before: open, after }, OPENED_AT + 3_600_000);
    assert.match(call?.body ?? '', /"closedAt":"2026-03-01T10:01:00\.000Z"/);
  });

  it('is signed as the Standard Webhooks specification has it', () => {
    // The example that its reference implementations are tested with.
    const key = createSecretKey(Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'));
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' };
    assert.deepEqual(signedHeaders(message, key, 1_614_265_330_123), {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is tried again after ever longer, for about an hour with twelve tries', () => {
    const waits = Array.from({ length: 11 }, (_, failed) => retryDelay(failed + 1, 5000, 0));
    assert.deepEqual(waits.slice(0, 4), [5000, 10_000, 20_000, 40_000]);
    assert.equal(waits.at(-1), 900_000);
    const whole = waits.reduce((sum, wait) => sum + wait, 0);
    assert.ok(whole > 3_300_000 && whole < 4_200_000, `${whole} ms`);
    assert.equal(retryDelay(1, 5000, 1), 4000);
  });
});
