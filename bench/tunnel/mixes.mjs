/** What guacd.c sends: streams of instructions, always the same. */
import { createCipheriv } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KEY = Buffer.alloc(16, 'rackside');
const MB = 1_000_000;

/** Random bytes that are the same each time. */
class Randomness {
  #cipher = createCipheriv('aes-128-ctr', KEY, KEY);

  /** @param {number} size */
  bytes(size) {
    return this.#cipher.update(Buffer.alloc(size));
  }

  /** A whole number below `limit`. @param {number} limit */
  below(limit) {
    return this.bytes(4).readUInt32BE() % limit;
  }

  /** @param {number} size in characters */
  base64(size) {
    return this.bytes(Math.ceil(size * 0.75))
      .toString('base64')
      .slice(0, size);
  }

  /** @param {number} size in characters */
  digits(size) {
    return Array.from({ length: size }, () => this.below(10)).join('');
  }
}

/** @param {(string | number)[]} elements */
function instruction(...elements) {
  return `${elements.map((each) => `${[...String(each)].length}.${each}`).join(',')};`;
}

const IMAGE_TYPES = new Map([
  [9, 'image/png'],
  [10, 'image/jpeg'],
]);

/** Which element of these is a layer. */
const LAYER_AT = { size: 0, img: 2 };

/**
 * What guacd 1.3.0 sent for a film, a moving window and scrolling text at 1920x1080, in the shape in
 * which it sent it: real-shape.txt has how often, opcode, and the length of each element.
 */
function real() {
  const random = new Randomness();
  const shape = readFileSync(join(import.meta.dirname, 'real-shape.txt'), 'utf8').trim();
  return shape.split('\n').flatMap((line) => {
    const [times, opcode, ...sizes] = line.split(' ');
    return Array.from({ length: Number(times) }, () =>
      instruction(
        opcode,
        ...sizes.map(Number).map((size, index) => {
          if (opcode === 'blob' && index === 1) return random.base64(size);
          // The screen's, or a buffer's: one that has no size is none that guacd draws on.
          if (LAYER_AT[opcode] === index) return size === 1 ? 0 : `-${random.digits(size - 1)}`;
          return (opcode === 'img' && IMAGE_TYPES.get(size)) || random.digits(size);
        }),
      ),
    );
  });
}

/** The smallest instructions that there are. */
function small() {
  const random = new Randomness();
  const parts = [];
  for (let size = 0, time = 1_700_000_000_000; size < 2 * MB; size += parts.at(-1).length) {
    const [x, y] = [random.below(1920), random.below(1080)];
    parts.push(
      [
        ['sync', (time += 1 + random.below(30))],
        ['mouse', x, y, 0, time],
        ['move', -1, 0, x, y, 0],
        ['cursor', 0, 0, -1, 0, 0, 11, 16],
      ]
        .map((elements) => instruction(...elements))
        .join(''),
    );
  }
  return parts;
}

/** Files and sound: blobs of 6 KB. */
function blob() {
  const random = new Randomness();
  return Array.from({ length: 1000 }, (_, index) =>
    index % 5 === 4 ? instruction('end', 1) : instruction('blob', 1, random.base64(8064)),
  );
}

/** Text whose characters have one to four bytes. */
function text() {
  const words = 'Привет мир буфер обмена 你好世界 中文文本 日本語 Größe façade €uro ascii 😀'.split(
    ' ',
  );
  const random = new Randomness();
  const parts = [];
  for (let size = 0; size < 3 * MB; size += Buffer.byteLength(parts.at(-1))) {
    const some = Array.from(
      { length: 5 + random.below(55) },
      () => words[random.below(words.length)],
    );
    parts.push(instruction('name', some.join(' ')) + instruction('sync', 1_700_000_000_000));
  }
  return parts;
}

const MIXES = { real, small, blob, text };

/**
 * Writes NAME.mix of each into the folder.
 *
 * @param {string} folder
 * @returns for each the end of the last instruction within so many bytes of it, again and again; 0 for none
 */
export function writeMixes(folder) {
  return Object.fromEntries(
    Object.entries(MIXES).map(([name, make]) => {
      const bytes = Buffer.from(make().join(''));
      writeFileSync(join(folder, `${name}.mix`), bytes);
      const end = (most) => {
        const rest = most % bytes.length;
        // No value has a semicolon in it.
        return most - rest + (rest === 0 ? 0 : bytes.lastIndexOf(';', rest - 1) + 1);
      };
      return [name, end];
    }),
  );
}
