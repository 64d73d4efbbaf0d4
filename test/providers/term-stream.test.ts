import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { mock } from 'node:test';
import { describe, it } from 'mocha';
import { enterTermproxy } from '../../server/providers/proxmox/term-stream.ts';
import { until } from '../support/until.ts';

const account = {
  name: 'pve: CT 101',
  user: 'console@pve',
  ticket: 'PVEVNC:65000000::c2lnbmVk',
};

/** A termproxy of which the test has the other end, and what it was sent. */
function termproxy() {
  const [sent, says] = [new PassThrough(), new PassThrough()];
  let text = '';
  sent.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const near = Duplex.from({ readable: says, writable: sent });
  return { near, says, sent: () => text, shows: (what: string) => says.write(what) };
}

const arrives = (sent: () => string, what: string) =>
  until(() => sent() === what, { timeout: 2000, what: JSON.stringify(what) });

describe("termproxy's protocol", () => {
  const { signal } = new AbortController();
  const signedIn = `${account.user}:${account.ticket}\n`;

  it('begins with the ticket, and takes what follows OK as the terminal', async () => {
    const { near, sent, shows } = termproxy();
    const entering = enterTermproxy(near, account, signal);
    await arrives(sent, signedIn);
    shows('O');
    await setImmediate();
    shows('Klogin: ');
    const { stream } = await entering;
    const [chunk] = (await once(stream, 'data')) as [Buffer];
    assert.equal(String(chunk), 'login: ');
    stream.destroy();
  });

  it('counts bytes of what is typed, tells sizes, and says twice a minute that it is there', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      const { near, sent, shows } = termproxy();
      shows('OK');
      const { stream, resize } = await enterTermproxy(near, account, signal);
      stream.write('ü:1');
      await arrives(sent, `${signedIn}0:4:ü:1`);
      resize?.({ columns: 120, rows: 40 });
      await arrives(sent, `${signedIn}0:4:ü:11:120:40:`);
      mock.timers.tick(60_000);
      await arrives(sent, `${signedIn}0:4:ü:11:120:40:22`);
      stream.destroy();
    } finally {
      mock.timers.reset();
    }
  });

  for (const [what, answer] of [
    ['hangs up', ''],
    ['says something else', 'no permission'],
    ['says half of it', 'O'],
  ] as const) {
    it(`is not spoken with one that ${what}`, async () => {
      const { near, says } = termproxy();
      says.end(answer);
      await assert.rejects(enterTermproxy(near, account, signal), {
        status: 'target_credentials_refused',
      });
      assert.ok(near.destroyed);
    });
  }

  it('lets go of one that says nothing when nobody waits any more', async () => {
    const { near } = termproxy();
    const abort = new AbortController();
    const entering = enterTermproxy(near, account, abort.signal);
    abort.abort();
    await assert.rejects(entering, { status: 'target_unreachable' });
    assert.ok(near.destroyed);
    const late = termproxy().near;
    await assert.rejects(enterTermproxy(late, account, abort.signal), {
      status: 'target_unreachable',
    });
    assert.ok(late.destroyed);
  });

  it('is not said to refuse a ticket when its connection breaks', async () => {
    const { near, says } = termproxy();
    const entering = enterTermproxy(near, account, signal);
    says.destroy(new Error('ECONNRESET'));
    await assert.rejects(entering, { status: 'target_lost', message: /^pve: CT 101: .* broken$/ });
    assert.ok(near.destroyed);
  });
});
