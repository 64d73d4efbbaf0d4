import type { Random } from './random.ts';

/** Pieces at which parsers of this kind go wrong. */
const PIECES = [
  ...['0.', '1.', '0.,', '0.;', '4.sync,1.0;', '0.,4.ping;', ',', ';', '.', '-1.', '00000000001.'],
  ...['33554433.', '4294967296.', '9999999999.', '99999999999.', '1e3.', '%00', '\r\n', '\r\n\r\n'],
  ...['é', '漢', '😀', '\u{10ffff}', '\ufeff', '\0', 'a\u0301', '='.repeat(4), '../', '?token='],
  ...['3.key,2.65,1.1;', '6.select,3.vnc;', '4.argv,1.0,10.text/plain,8.password;'],
].map((text) => Buffer.from(text));
const BROKEN = ['80', 'c0af', 'eda080', 'f0', 'f5808080', 'ff', 'e28228', 'f48fbf'].map((hex) =>
  Buffer.from(hex, 'hex'),
);
/** Of an input, in bytes. */
const LARGEST = 64 * 1024;

type Mutation = (input: Buffer, random: Random, corpus: readonly Buffer[]) => Buffer;

function spliced(input: Buffer, at: number, gone: number, instead: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, at), instead, input.subarray(at + gone)]);
}

const MUTATIONS: readonly Mutation[] = [
  function flipBit(input, random) {
    const at = random.below(Math.max(1, input.length));
    const flipped = Buffer.from([(input[at] ?? 0) ^ (1 << random.below(8))]);
    return spliced(input, at, 1, flipped);
  },
  function setByte(input, random) {
    return spliced(input, random.below(input.length + 1), 1, Buffer.from([random.below(256)]));
  },
  function insertPiece(input, random) {
    return spliced(input, random.below(input.length + 1), 0, random.pick([...PIECES, ...BROKEN]));
  },
  function overwritePiece(input, random) {
    const piece = random.pick(PIECES);
    return spliced(input, random.below(input.length + 1), piece.length, piece);
  },
  function remove(input, random) {
    return spliced(input, random.below(input.length + 1), 1 + random.below(20), Buffer.alloc(0));
  },
  function repeat(input, random) {
    const from = random.below(input.length + 1);
    const part = input.subarray(from, from + 1 + random.below(64));
    const times = random.pick([1, 2, 10, 300]);
    return spliced(input, from, 0, Buffer.concat(Array.from({ length: times }, () => part)));
  },
  function changeDigit(input, random) {
    const digits = [...input.keys()].filter((at) => /[0-9]/.test(String.fromCharCode(input[at]!)));
    if (digits.length === 0) return input;
    return spliced(input, random.pick(digits), 1, Buffer.from(String(random.below(120))));
  },
  function end(input, random) {
    return input.subarray(0, random.below(input.length + 1));
  },
  function crossOver(input, random, corpus) {
    const other = random.pick(corpus);
    const from = random.below(other.length + 1);
    return spliced(input, random.below(input.length + 1), 0, other.subarray(from));
  },
];

/** An input of the corpus, changed in one place or in a few. */
export function mutant(corpus: readonly Buffer[], random: Random): Buffer {
  let input = random.pick(corpus);
  const times = 1 + random.below(random.pick([1, 3, 8]));
  for (let time = 0; time < times; time += 1) {
    input = random.pick(MUTATIONS)(input, random, corpus);
  }
  return input.subarray(0, LARGEST);
}
