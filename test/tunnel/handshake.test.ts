import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { InstructionReader } from '../support/instructions.ts';
import { Handshake, handshakeReply } from '../../server/tunnel/handshake.ts';
import { testGrant } from './support/test-gateway.ts';

async function reply(grant: Parameters<typeof handshakeReply>[0], ...args: string[]) {
  const reader = new InstructionReader();
  reader.push(Buffer.from(handshakeReply(grant, args)));
  const instructions: string[][] = [];
  do instructions.push(await reader.read());
  while (instructions.at(-1)?.[0] !== 'connect');
  return new Map(instructions.map(([opcode = '', ...values]) => [opcode, values]));
}

describe('handshake', () => {
  it('answers with the highest version that both sides know', async () => {
    for (const [announced, answered] of [
      ['VERSION_1_0_0', 'VERSION_1_0_0'],
      ['VERSION_1_1_0', 'VERSION_1_1_0'],
      ['VERSION_1_2_0', 'VERSION_1_1_0'],
      ['VERSION_1_3_0', 'VERSION_1_3_0'],
      ['VERSION_1_5_0', 'VERSION_1_5_0'],
      ['VERSION_1_10_0', 'VERSION_1_5_0'],
      ['VERSION_2_0_0', 'VERSION_1_5_0'],
      ['VERSION_nonsense', 'VERSION_1_0_0'],
    ] as const) {
      const connect = (await reply(testGrant(), announced)).get('connect');
      assert.deepEqual(connect, [answered], announced);
    }
  });

  it('sends time zone and name only to a guacd that knows them', async () => {
    const sent = async (version: string) => {
      const instructions = await reply(testGrant(), version);
      return [instructions.get('timezone'), instructions.get('name')];
    };
    assert.deepEqual(await sent('VERSION_1_0_0'), [undefined, undefined]);
    assert.deepEqual(await sent('VERSION_1_1_0'), [['Europe/Berlin'], undefined]);
    assert.deepEqual(await sent('VERSION_1_3_0'), [['Europe/Berlin'], ['alice']]);
    assert.equal(
      (await reply(testGrant({ timezone: null }), 'VERSION_1_3_0')).has('timezone'),
      false,
    );
    assert.deepEqual((await reply(testGrant(), 'hostname')).get('connect'), ['127.0.0.1']);
  });

  it('gives each value in the order of its name, 0 and false as values, empty for unset', async () => {
    const parameters = { port: '0', 'swap-red-blue': 'false', password: 'Жук', toString: 'own' };
    const names = ['VERSION_1_3_0', 'swap-red-blue', 'hostname', 'password', 'port', 'constructor'];
    const connect = (await reply(testGrant({ parameters }), ...names)).get('connect');
    assert.deepEqual(connect, ['VERSION_1_3_0', 'false', '', 'Жук', '0', '']);
  });

  it('gives terminals colours that can be read, unless the machine has its own', async () => {
    const value = async (parameters = {}) =>
      (await reply(testGrant({ parameters }), 'color-scheme')).get('connect')?.[0] ?? '';
    assert.match(
      await value(),
      /^foreground: rgb:ee\/ee\/ee; background: rgb:00\/00\/00; color1: /,
    );
    assert.equal(await value({ 'color-scheme': 'black-white' }), 'black-white');
  });

  it('has the VNC server asked for Tight first by a guacd that is old, unless it is told otherwise', async () => {
    const value = async (version: string, parameters: Record<string, string> = {}) =>
      (await reply(testGrant({ parameters }), version, 'encodings')).get('connect')?.at(-1);
    const first = (list: string | undefined) => list?.split(' ')[0];
    assert.equal(first(await value('VERSION_1_1_0')), 'tight');
    assert.equal(first(await value('VERSION_1_3_0')), 'tight');
    assert.match((await value('VERSION_1_3_0')) ?? '', / raw$/);
    assert.equal(await value('VERSION_1_5_0'), '');
    for (const version of ['VERSION_1_3_0', 'VERSION_1_5_0']) {
      assert.equal(await value(version, { encodings: 'zrle raw' }), 'zrle raw');
    }
  });

  it('asks guacd for a read-only session where the console is one', async () => {
    const value = async (readOnly: boolean, parameters = {}) =>
      (await reply(testGrant({ readOnly, parameters }), 'VERSION_1_3_0', 'read-only')).get(
        'connect',
      );
    assert.deepEqual(await value(true), ['VERSION_1_3_0', 'true']);
    assert.deepEqual(await value(true, { 'read-only': 'false' }), ['VERSION_1_3_0', 'true']);
    assert.deepEqual(await value(false), ['VERSION_1_3_0', '']);
    assert.deepEqual(await value(false, { 'read-only': 'true' }), ['VERSION_1_3_0', 'true']);
  });

  it('tells the display in pixels and dots per inch', async () => {
    const display = { width: 1920, height: 1080, dpi: 144 };
    const instructions = await reply(testGrant({ display }), 'VERSION_1_3_0');
    assert.deepEqual(instructions.get('size'), ['1920', '1080', '144']);
  });

  it('selects, answers args once, and is open with ready, in this order only', () => {
    const handshake = new Handshake(testGrant({ protocol: 'ssh' }));
    assert.equal(handshake.start(), '6.select,3.ssh;');
    assert.deepEqual(handshake.receive(['ready', '$1']), { do: 'wait' });
    assert.equal(handshake.receive(['args', 'VERSION_1_3_0']).do, 'send');
    assert.deepEqual(handshake.receive(['args', 'VERSION_1_3_0']), { do: 'wait' });
    assert.deepEqual(handshake.receive(['nop']), { do: 'wait' });
    assert.deepEqual(handshake.receive(['ready', '$1']), {
      ...{ do: 'open', connection: '$1' },
      beginsWithSize: true,
    });
  });
});
