import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { HOLDER } from '../../server/contract/index.ts';
import { HeldInput } from '../../server/tunnel/held-input.ts';
import { rightsOf } from '../../server/tunnel/input-rights.ts';
import { instruction } from '../support/instructions.ts';
import { testGrant } from './support/test-gateway.ts';

function released(...inputs: (string | number)[][]): string {
  const held = new HeldInput();
  for (const input of inputs) held.note(input.map(String));
  const once = held.release();
  assert.equal(held.release(), '', 'it lets go once');
  return once;
}

describe('what a participant holds down', () => {
  it('is nothing after each key, button and finger was lifted', () => {
    assert.equal(released(), '');
    assert.equal(
      released(['key', 65, 1], ['key', 65, 0], ['mouse', 5, 6, 1], ['mouse', 7, 8, 0]),
      '',
    );
    assert.equal(released(['touch', 1, 2, 3, 4, 5, 0, 1], ['touch', 1, 2, 3, 4, 5, 0, 0]), '');
  });

  it('is let go of, the last key first, the button where the pointer is', () => {
    assert.equal(
      released(['key', 65507, 1], ['key', 65, 1], ['mouse', 5, 6, 1], ['mouse', 7, 8, 5]),
      instruction('mouse', 7, 8, 0) + instruction('key', 65, 0) + instruction('key', 65507, 0),
    );
    assert.equal(
      released(['touch', 1, 2, 3, 4, 5, 0, 1], ['touch', 2, 9, 9, 4, 5, 0, 0.5]),
      instruction('touch', 1, 2, 3, 4, 5, 0, 0) + instruction('touch', 2, 9, 9, 4, 5, 0, 0),
    );
  });

  it('is counted in numbers and of no more than somebody can hold: the oldest is forgotten', () => {
    const held = new HeldInput();
    for (let key = 0; key < 100_000; key++) held.note(['key', String(key), '1']);
    for (let id = 0; id < 100_000; id++) held.note(['touch', String(id), ...'123401'].map(String));
    const text = held.release();
    assert.equal(text.match(/3\.key/g)?.length, 256);
    assert.equal(text.match(/5\.touch/g)?.length, 256);
    assert.ok(text.endsWith(instruction('key', 100_000 - 256, 0)));
  });

  for (const values of [
    ['key', 'x', 1],
    ['key', '', 1],
    ['key', 97, ''],
    ['key', '7'.repeat(33), 1],
    ['key', 'Infinity', 1],
    ['mouse', 1, 'y', 0],
    ['touch', '1'.repeat(16_500), 1, 1, 1, 1, 0, 1],
    ['touch', 1, 1, 1, 1, 1, 0, 'hard'],
  ]) {
    it(`is nothing but numbers: not ${JSON.stringify(values).slice(0, 40)}`, () => {
      const held = new HeldInput();
      const refused = { status: 'instruction_invalid' };
      assert.throws(() => held.note(values.map(String)), refused);
      assert.equal(held.release(), '');
    });
  }
});

describe('what goes on to the machine', () => {
  const viewer = { id: 'v1', until: 0 };
  const may = (opcode: string, grant: object, control: string): boolean => {
    const rights = rightsOf(testGrant(grant), control);
    return rights === 'all' || rights.has(opcode);
  };

  for (const [who, grant, control, types, resizes, uploads] of [
    ['the holder with control', {}, HOLDER, true, true, true],
    ['the holder without', {}, 'v1', false, true, false],
    ['the holder of a read-only console', { readOnly: true }, HOLDER, false, true, false],
    ['a viewer with control', { viewer }, 'v1', true, false, false],
    ['a viewer without', { viewer }, HOLDER, false, false, false],
    ['a viewer while another has it', { viewer }, 'v2', false, false, false],
    ['a view-only viewer, whatever is said', { viewer, readOnly: true }, 'v1', false, false, false],
  ] as const) {
    it(`of ${who}`, () => {
      for (const opcode of ['key', 'mouse', 'touch', 'clipboard', 'blob']) {
        assert.equal(may(opcode, grant, control), types, opcode);
      }
      assert.equal(may('size', grant, control), resizes);
      for (const opcode of ['file', 'put', 'argv', 'later']) {
        assert.equal(may(opcode, grant, control), uploads, opcode);
      }
      assert.equal(may('sync', grant, control), !('viewer' in grant));
      assert.ok(may('nop', grant, control));
    });
  }
});
