import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { HOLDER } from '../../server/contract/index.ts';
import { GatewayError } from '../../server/errors.ts';
import { filterClientMessage, MAX_CLIENT_MESSAGE } from '../../server/tunnel/client-messages.ts';
import { rightsOf } from '../../server/tunnel/input-rights.ts';
import { instruction } from '../support/instructions.ts';
import { testGrant } from './support/test-gateway.ts';

function filter(text: string | Buffer, { readOnly = false, isBinary = false } = {}) {
  const rights = rightsOf(testGrant({ readOnly }), HOLDER);
  const { forward, echo, leaves } = filterClientMessage(Buffer.from(text), isBinary, rights);
  return { forward: forward.toString(), echo: echo.toString(), leaves };
}

function refused(
  text: string | Buffer,
  options?: { readOnly?: boolean; isBinary?: boolean },
): string {
  try {
    filter(text, options);
  } catch (error) {
    if (error instanceof GatewayError) return error.status;
    throw error;
  }
  return 'accepted';
}

const PING = instruction('', 'ping', 1_700_000_000_000);
const INPUT = [
  ['key', 65, 1],
  ['mouse', 1, 2, 1],
  ['touch', 0, 1, 2, 3, 4, 0, 1],
  ['clipboard', 0, 'text/plain'],
  ['blob', 0, 'aGVsbG8='],
  ['end', 0],
  ['file', 1, 'text/plain', 'name'],
  ['put', 0, 1, 'text/plain', '/etc/passwd'],
  ['pipe', 0, 'text/plain', 'name'],
  ['audio', 0, 'audio/L16'],
  ['get', 0, '/'],
  ['from-a-later-guacd', 1],
].map((elements) => instruction(...elements));

describe('messages of the page', () => {
  it('reach guacd as they are, several instructions in one message too', () => {
    const text = INPUT.join('') + instruction('name', 'Ж 😀');
    assert.deepEqual(filter(text), { forward: text, echo: '', leaves: false });
  });

  it('are echoed and never forwarded where they are pings, wherever in a message', () => {
    const key = instruction('key', 65, 1);
    const sync = instruction('sync', 1);
    assert.deepEqual(filter(PING), { forward: '', echo: PING, leaves: false });
    const mixed = filter(key + PING + sync + PING);
    assert.deepEqual(mixed, { forward: key + sync, echo: PING + PING, leaves: false });
    assert.deepEqual(filter(instruction('', 'other', 1)).forward, '');
    assert.deepEqual(filter(instruction('', 'other', 1)).echo, '');
  });

  it('of a read-only console neither type, click, paste nor upload', () => {
    for (const input of INPUT) assert.equal(filter(input, { readOnly: true }).forward, '', input);
    const needed = ['sync', 'nop', 'ack', 'size'].map((opcode) => instruction(opcode, 1, 2));
    const all = filter(INPUT.join('') + needed.join('') + PING, { readOnly: true });
    assert.deepEqual(all, { forward: needed.join(''), echo: PING, leaves: false });
  });

  it('say that the page leaves, which the tunnel tells guacd itself', () => {
    assert.deepEqual(filter(instruction('disconnect')), { forward: '', echo: '', leaves: true });
  });

  it('are refused when they are binary, or anything but whole instructions', () => {
    assert.equal(refused(instruction('key', 65, 1), { isBinary: true }), 'instruction_invalid');
    for (const text of ['', '3.key', '3.key,2.65,1.1', `${PING}3.k`, 'hello', '3.keys;', '-1.;']) {
      const expected = text === '' ? 'accepted' : 'instruction_invalid';
      assert.equal(refused(text), expected, text);
    }
  });

  it('may not begin another connection inside this one', () => {
    for (const opcode of ['select', 'connect']) {
      assert.equal(refused(instruction(opcode, 'ssh')), 'instruction_invalid');
      assert.equal(refused(instruction(opcode, 'ssh'), { readOnly: true }), 'instruction_invalid');
    }
  });

  it('are refused past their largest size, which is well above what a browser sends', () => {
    const blob = (size: number) => instruction('blob', 0, 'x'.repeat(size));
    assert.equal(refused(blob(6048)), 'accepted');
    assert.equal(refused(blob(MAX_CLIENT_MESSAGE - 30)), 'accepted');
    assert.equal(refused(blob(MAX_CLIENT_MESSAGE)), 'instruction_too_large');
    // The length alone is no reason to wait for the rest.
    assert.equal(refused('4.blob,999999.x'), 'instruction_invalid');
  });
});
