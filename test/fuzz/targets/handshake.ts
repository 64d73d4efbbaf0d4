import assert from 'node:assert/strict';
import { Handshake } from '../../../server/tunnel/handshake.ts';
import { decode } from '../../../server/tunnel/instruction.ts';
import { InstructionScanner } from '../../../server/tunnel/instruction-scanner.ts';
import { SECRET, testGrant } from '../../tunnel/support/test-gateway.ts';
import type { Target } from '../target.ts';

/** An answer may be longer than what is answered: parameters have values. */
const LIMIT = 32 * 1024 * 1024;

/** Every instruction, opcode first, up to where something is wrong. */
export function instructionsOf(bytes: Buffer): string[][] {
  const scanner = new InstructionScanner(LIMIT, 'all');
  const found: string[][] = [];
  scanner.feed(bytes);
  while (scanner.advance()) found.push(decode(bytes.subarray(scanner.start, scanner.position)));
  return found;
}

/** guacd's half of the handshake: what is answered is whole, once, and what was asked for. */
export const handshake: Target = {
  name: 'handshake',
  run(input) {
    const shaking = new Handshake(testGrant());
    let replies = 0;
    for (const said of instructionsOf(input)) {
      const step = shaking.receive(said);
      if (step.do === 'open') assert.equal(replies, 1, 'open before the answer');
      if (step.do !== 'send') continue;
      replies += 1;
      const names = said.slice(1);
      const answer = instructionsOf(Buffer.from(step.data));
      const connect = answer.at(-1) ?? [];
      assert.equal(connect[0], 'connect');
      assert.equal(connect.length, said.length, 'one value for each name');
      for (const [index, value] of connect.slice(1).entries()) {
        const name = names[index] ?? '';
        if (value === SECRET) assert.equal(name, 'password');
        if (name.startsWith('VERSION_')) assert.match(value, /^VERSION_1_[0135]_0$/);
      }
    }
    assert.ok(replies <= 1, 'args is answered once');
  },
};
