import { functionKey, KEYSYM, keysymOf } from './keysym.ts';
import type { OskKey, OskLayout, OskRow } from './osk-layout.ts';
import { MODIFIERS, type Modifier } from './sticky.ts';

/** Letters, digits and signs: each pair is the key alone and with Shift. */
function signs(pairs: string): OskRow {
  return pairs.split(' ').map((pair) => {
    const [alone = '', shifted = alone.toUpperCase()] = Array.from(pair);
    return {
      label: alone,
      keysym: keysymOf(alone),
      shifted: { label: shifted, keysym: keysymOf(shifted) },
    };
  });
}

function key(label: string, keysym: number, width = 1, name?: string): OskKey {
  return name === undefined ? { label, keysym, width } : { label, keysym, width, name };
}

function modifier(label: string, name: Modifier, width = 1): OskKey {
  return { label, keysym: MODIFIERS[name], modifier: name, width };
}

function page(label: string, name: 'letters' | 'symbols', width: number): OskKey {
  return { label, keysym: 0, page: name, width };
}

function functions(from: number, to: number): OskRow {
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return numbers.map((number) => key(`F${number}`, functionKey(number)));
}

const escape = key('Esc', KEYSYM.escape);
const arrows: OskRow = [
  key('←', KEYSYM.left, 1, 'Left'),
  key('↑', KEYSYM.up, 1, 'Up'),
  key('↓', KEYSYM.down, 1, 'Down'),
  key('→', KEYSYM.right, 1, 'Right'),
];
const backspace = (width: number) => key('⌫', KEYSYM.backspace, width, 'Backspace');
const enter = (width: number) => key('Enter', KEYSYM.enter, width);
const space = (width: number) => key(' ', keysymOf(' '), width, 'Space');

export const US: OskLayout = {
  language: 'en-US',
  full: [
    [escape, ...functions(1, 12), key('PrtSc', KEYSYM.print), key('Del', KEYSYM.delete)],
    [...signs('`~ 1! 2@ 3# 4$ 5% 6^ 7& 8* 9( 0) -_ =+'), backspace(2)],
    [
      key('Tab', KEYSYM.tab, 1.5),
      ...signs('q w e r t y u i o p [{ ]}'),
      ...wide(signs('\\|'), 1.5),
    ],
    [key('Caps', KEYSYM.capsLock, 1.75), ...signs('a s d f g h j k l ;: \'"'), enter(2.25)],
    [
      modifier('Shift', 'shift', 2.25),
      ...signs('z x c v b n m ,< .> /?'),
      key('Ins', KEYSYM.insert, 1.25),
      key('Home', KEYSYM.home, 1.5),
    ],
    [
      modifier('Ctrl', 'control', 1.25),
      modifier('Win', 'super'),
      modifier('Alt', 'alt', 1.25),
      space(3.5),
      modifier('AltGr', 'altGr', 1.25),
      key('PgUp', KEYSYM.pageUp),
      key('PgDn', KEYSYM.pageDown),
      ...arrows,
      key('End', KEYSYM.end, 0.75),
    ],
  ],
  compact: {
    letters: [
      [
        escape,
        key('Tab', KEYSYM.tab),
        modifier('Ctrl', 'control'),
        modifier('Alt', 'alt'),
        modifier('Win', 'super'),
        ...arrows,
        key('Del', KEYSYM.delete),
      ],
      signs('q w e r t y u i o p'),
      signs('a s d f g h j k l'),
      [modifier('Shift', 'shift', 1.5), ...signs('z x c v b n m'), backspace(1.5)],
      [page('?123', 'symbols', 1.5), ...signs(',<'), space(4), ...signs('.> /?'), enter(1.5)],
    ],
    symbols: [
      functions(1, 10),
      signs('1! 2@ 3# 4$ 5% 6^ 7& 8* 9( 0)'),
      signs('`~ -_ =+ [{ ]} \\| ;: \'" ,< .>'),
      [
        modifier('Shift', 'shift', 1.5),
        ...functions(11, 12),
        key('Home', KEYSYM.home),
        key('End', KEYSYM.end),
        key('PgUp', KEYSYM.pageUp),
        key('PgDn', KEYSYM.pageDown),
        key('Ins', KEYSYM.insert),
        backspace(1.5),
      ],
      [
        page('ABC', 'letters', 1.5),
        key('PrtSc', KEYSYM.print),
        space(5),
        ...signs('/?'),
        enter(1.5),
      ],
    ],
  },
};

function wide(row: OskRow, width: number): OskRow {
  return row.map((oskKey) => ({ ...oskKey, width }));
}
