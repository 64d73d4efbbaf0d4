import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  type Combination,
  CTRL_ALT_DEL,
  offerOf,
  press,
} from '../../client/src/input/combination.ts';
import { keyInitials, keyLabel } from '../../client/src/i18n/key-names.ts';
import { keysymsOf } from '../../client/src/input/keysym.ts';
import { MenuChord } from '../../client/src/input/menu-chord.ts';
import type { OskRow } from '../../client/src/input/osk-layout.ts';
import { US } from '../../client/src/input/osk-layout-us.ts';
import { afterKey, letGo, tap } from '../../client/src/input/sticky.ts';
import { FILLER, keysymOfNamedKey, strokesOfInput } from '../../client/src/input/typed-text.ts';
import { CONSOLE_KINDS } from '../../server/contract/index.ts';

function keysOf(combination: Combination): [boolean, number][] {
  const keys: [boolean, number][] = [];
  press(combination, (pressed, keysym) => keys.push([pressed, keysym]));
  return keys;
}

const ALL = CONSOLE_KINDS.flatMap((kind) => {
  const { combinations, functions } = offerOf(kind);
  return [...combinations, ...functions];
});

describe('key combinations', () => {
  it('press in order and release in the opposite one', () => {
    assert.deepEqual(keysOf(CTRL_ALT_DEL), [
      [true, 0xffe3],
      [true, 0xffe9],
      [true, 0xffff],
      [false, 0xffff],
      [false, 0xffe9],
      [false, 0xffe3],
    ]);
  });

  it('leave no key held', () => {
    for (const combination of ALL) {
      const held = new Set<number>();
      for (const [pressed, keysym] of keysOf(combination))
        if (pressed) held.add(keysym);
        else held.delete(keysym);
      assert.equal(held.size, 0, combination.id);
    }
  });

  it('are those that a terminal understands where there is one', () => {
    for (const kind of ['ssh', 'telnet', 'terminal', 'sol'] as const) {
      const { first, combinations, functions } = offerOf(kind);
      assert.deepEqual(keysOf(first)[1], [true, 0x63], 'Ctrl-C');
      assert.ok(!combinations.some(({ keys }) => keys.includes('alt')));
      assert.deepEqual(functions[0]?.keysyms, [0xffbe]);
    }
    assert.equal(offerOf('rdp').first, CTRL_ALT_DEL);
    assert.deepEqual(offerOf('rdp').functions, [], 'no virtual consoles');
  });

  it('have the names that are printed on the keys', () => {
    assert.equal(keyLabel(CTRL_ALT_DEL.keys, 'en'), 'Ctrl-Alt-Del');
    assert.equal(keyLabel(CTRL_ALT_DEL.keys, 'de'), 'Strg-Alt-Entf');
    assert.equal(keyInitials(CTRL_ALT_DEL.keys, 'de'), 'S-A-E');
    assert.equal(keyLabel(offerOf('ssh').first.keys, 'de'), 'Strg-C');
    for (const { id, keysyms } of ALL) assert.ok(!keysyms.includes(0), id);
  });

  it('switch to the twelve virtual consoles', () => {
    assert.deepEqual(
      offerOf('vnc').functions.map(({ keysyms }) => keysyms.at(-1)),
      [
        0xffbe, 0xffbf, 0xffc0, 0xffc1, 0xffc2, 0xffc3, 0xffc4, 0xffc5, 0xffc6, 0xffc7, 0xffc8,
        0xffc9,
      ],
    );
  });
});

describe('keysyms of text', () => {
  it('are the character in Latin-1 and Unicode keysyms beyond, astral characters whole', () => {
    assert.deepEqual(keysymsOf('aß'), [0x61, 0xdf]);
    assert.deepEqual(keysymsOf('Я€😀'), [0x0100042f, 0x010020ac, 0x0101f600]);
  });

  it('are Enter once for each kind of line end, and Tab', () => {
    assert.deepEqual(keysymsOf('a\r\nb\nc\td'), [0x61, 0xff0d, 0x62, 0xff0d, 0x63, 0xff09, 0x64]);
  });
});

describe('the menu’s chord', () => {
  const orders = [
    ['ControlLeft', 'AltLeft', 'ShiftLeft'],
    ['ShiftRight', 'ControlRight', 'AltLeft'],
    ['AltLeft', 'ShiftLeft', 'ControlLeft'],
  ];

  it('is Ctrl-Alt-Shift in any order, on either side', () => {
    for (const order of orders) {
      const chord = new MenuChord();
      assert.deepEqual(
        order.map((code) => chord.down(code)),
        [false, false, true],
      );
    }
  });

  it('works again and again, and not by holding', () => {
    const chord = new MenuChord();
    chord.down('ControlLeft');
    chord.down('AltLeft');
    assert.equal(chord.down('ShiftLeft'), true);
    assert.equal(chord.down('ShiftLeft'), false);
    chord.up('ShiftLeft');
    assert.equal(chord.down('ShiftLeft'), true);
  });

  it('is not meant when another key is held', () => {
    const chord = new MenuChord();
    for (const code of ['KeyA', 'ControlLeft', 'AltLeft']) chord.down(code);
    assert.equal(chord.down('ShiftLeft'), false);
  });

  it('does not remember keys from before the window lost the keyboard', () => {
    const chord = new MenuChord();
    chord.down('ControlLeft');
    chord.down('AltLeft');
    chord.reset();
    assert.equal(chord.down('ShiftLeft'), false);
  });
});

describe('sticky modifiers', () => {
  it('hold for one key after a tap', () => {
    const tapped = tap({}, 'shift');
    assert.deepEqual(tapped.changes, [[true, 0xffe1]]);
    assert.deepEqual(afterKey(tapped.held), { held: {}, changes: [[false, 0xffe1]] });
  });

  it('hold for many after two taps, and go after the third', () => {
    const locked = tap(tap({}, 'control').held, 'control');
    assert.deepEqual(locked.changes, []);
    assert.deepEqual(afterKey(locked.held), { held: locked.held, changes: [] });
    assert.deepEqual(tap(locked.held, 'control'), { held: {}, changes: [[false, 0xffe3]] });
  });

  it('are all let go when the keyboard is put away', () => {
    const { held } = tap(tap(tap({}, 'alt').held, 'alt').held, 'shift');
    assert.deepEqual(letGo(held), {
      held: {},
      changes: [
        [false, 0xffe9],
        [false, 0xffe1],
      ],
    });
  });
});

describe('the on-screen keyboard’s US layout', () => {
  const { full, compact } = US;
  const boards: Record<string, readonly OskRow[]> = { full, ...compact };

  it('has a keysym on every key that is not a page, shifted ones too', () => {
    for (const key of Object.values(boards).flat(2)) {
      if (key.page === undefined) assert.ok(key.keysym > 0, key.label);
      if (key.shifted) assert.ok(key.shifted.keysym > 0, key.shifted.label);
    }
  });

  it('names every key once on each board', () => {
    for (const [name, rows] of Object.entries(boards)) {
      const labels = rows.flat().map((key) => key.label);
      assert.equal(new Set(labels).size, labels.length, name);
    }
  });

  it('types every printable ASCII character, on the full board and on the phone’s two pages', () => {
    const ascii = Array.from({ length: 95 }, (_, index) => 0x20 + index);
    for (const rows of [full, [...compact.letters, ...compact.symbols]]) {
      const keys = rows.flat();
      const typed = new Set(keys.flatMap((key) => [key.keysym, key.shifted?.keysym ?? 0]));
      assert.deepEqual(
        ascii.filter((keysym) => !typed.has(keysym)),
        [],
      );
    }
  });

  it('fills every row of the full board alike, and no phone’s row has over ten columns', () => {
    const width = (row: OskRow) => row.reduce((sum, key) => sum + (key.width ?? 1), 0);
    assert.deepEqual(
      full.map(width),
      full.map(() => 15),
    );
    for (const row of [...compact.letters, ...compact.symbols]) assert.ok(width(row) <= 10);
  });

  it('leads from each page of the phone’s board to the other', () => {
    const pages = (rows: readonly OskRow[]) => rows.flat().flatMap((key) => key.page ?? []);
    assert.deepEqual(pages(compact.letters), ['symbols']);
    assert.deepEqual(pages(compact.symbols), ['letters']);
  });
});

describe('the text field', () => {
  it('types what was inserted, without its filler', () => {
    assert.deepEqual(strokesOfInput('insertText', `${FILLER}é`), [0xe9]);
    assert.deepEqual(strokesOfInput('insertFromPaste', `${FILLER}ab`), [0x61, 0x62]);
    assert.deepEqual(strokesOfInput('insertLineBreak', `${FILLER}\n`), [0xff0d]);
  });

  it('deletes on the machine what was deleted in the field', () => {
    assert.deepEqual(strokesOfInput('deleteContentBackward', FILLER.slice(1)), [0xff08]);
    assert.deepEqual(strokesOfInput('deleteContentForward', FILLER), [0xffff]);
  });

  it('types composed text once: with the end of the composition, not with its input', () => {
    assert.deepEqual(strokesOfInput('insertCompositionText', `${FILLER}漢`), []);
  });

  it('passes on keys that mean the same there, and keeps Tab as the way out', () => {
    assert.equal(keysymOfNamedKey('ArrowUp'), 0xff52);
    assert.equal(keysymOfNamedKey('F12'), 0xffc9);
    assert.equal(keysymOfNamedKey('Tab'), null);
    assert.equal(keysymOfNamedKey('a'), null);
  });
});
