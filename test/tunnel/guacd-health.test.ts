import assert from 'node:assert/strict';
import { freePort } from '../../server/platform/ports.ts';
import { askGuacd } from '../../server/tunnel/guacd-health.ts';
import { cleanUp } from '../support/dispose.ts';
import { startGuacd } from '../support/guacd.ts';
import { ScriptedGuacd } from '../support/guacd-script.ts';

describe('a question to guacd', () => {
  const parts = cleanUp();

  it('is answered by a real one with its version, for each protocol that it has and no other', async () => {
    const guacd = await parts.start(startGuacd());
    for (const protocol of ['vnc', 'rdp', 'ssh', 'telnet']) {
      const answer = await askGuacd(guacd, protocol);
      assert.equal(answer.is, 'speaks', protocol);
      assert.match(answer.is === 'speaks' ? answer.version : '', /^1\.\d+\.\d+$/);
    }
    assert.match((await askGuacd(guacd, 'nosuch', 500)).is, /^(silent|closed)$/);
  });

  it('finds that nobody listens, and that a name is none', async () => {
    const port = await freePort();
    assert.deepEqual(await askGuacd({ host: '127.0.0.1', port }, 'vnc'), {
      is: 'unreachable',
      reason: 'ECONNREFUSED',
    });
    const named = await askGuacd({ host: 'nosuch.invalid', port }, 'vnc');
    assert.ok(named.is === 'unreachable' && /^(ENOTFOUND|EAI_AGAIN)$/.test(named.reason));
  });

  it('understands an answer that comes byte by byte', async () => {
    const guacd = await parts.start(ScriptedGuacd.start());
    const asked = askGuacd(guacd, 'vnc');
    const { socket } = await guacd.nextConnection();
    for (const byte of '4.args,13.VERSION_1_5_0,8.hostname;4.nop') {
      socket.write(byte);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    assert.deepEqual(await asked, { is: 'speaks', version: '1.5.0' });
  });

  for (const [what, text, is] of [
    ['another server', 'SSH-2.0-OpenSSH_9.2\r\n', 'foreign'],
    ['an instruction that is no args', '5.ready,1.a;', 'foreign'],
    ['an instruction that never ends', `4.args,99999999.${'a'.repeat(100)}`, 'foreign'],
    ['an end without a word', '', 'closed'],
  ] as const) {
    it(`finds ${what}`, async () => {
      const guacd = await parts.start(ScriptedGuacd.start());
      const asked = askGuacd(guacd, 'vnc');
      const { socket } = await guacd.nextConnection();
      if (text === '') socket.destroy();
      else socket.write(text);
      assert.deepEqual(await asked, { is });
    });
  }
});
