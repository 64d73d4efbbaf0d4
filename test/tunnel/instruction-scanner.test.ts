import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { FrameAssembler, type FrameSink, HOLD_LIMIT } from '../../server/tunnel/frame-assembler.ts';
import { decode, encode } from '../../server/tunnel/instruction.ts';
import { InstructionScanner } from '../../server/tunnel/instruction-scanner.ts';
import { HEADER_ROOM, ReadBuffers } from '../../server/tunnel/read-buffers.ts';
import { naiveInstructionEnds } from './support/naive-parser.ts';

const LIMIT = 32 * 1024 * 1024;

interface Relayed {
  readonly frames: { data: Buffer; fin: boolean }[];
  readonly instructions: string[][];
  readonly failure: string | null;
}

function relay(
  chunks: readonly Buffer[],
  { limit = LIMIT, watched = [] as readonly string[] | 'all', forward = true, lends = false } = {},
): Relayed {
  const frames: Relayed['frames'] = [];
  const instructions: string[][] = [];
  const sink: FrameSink = {
    frame(buffer, start, end, fin, own) {
      frames.push({ data: Buffer.from(buffer.subarray(start, end)), fin });
      // A header may be written in front of it, and what is lent is somebody else's to overwrite.
      if (own && start === HEADER_ROOM) buffer.fill(0xff, 0, HEADER_ROOM);
      if (!own || !lends) return true;
      buffers.give(buffer);
      buffer.fill(0xff, 0, end);
      return false;
    },
    instruction(elements) {
      instructions.push(elements);
      return forward;
    },
  };
  const buffers = new ReadBuffers();
  const assembler = new FrameAssembler(new InstructionScanner(limit, watched), sink, buffers);
  return { frames, instructions, failure: readAll(assembler, chunks) };
}

/** As a socket reads: as much as there is room for, and no more after a failure. */
function readAll(assembler: FrameAssembler, chunks: Iterable<Buffer>): string | null {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const count = chunk.copy(assembler.room(), 0, at);
      const failure = assembler.read(count);
      if (failure !== null) return failure;
      at += count;
    }
  }
  return null;
}

function joined({ frames }: Relayed): Buffer {
  return Buffer.concat(frames.map(({ data }) => data));
}

/** The whole messages; a last one without its end is left out. */
function messages({ frames }: Relayed): Buffer[] {
  const whole: Buffer[] = [];
  let parts: Buffer[] = [];
  for (const { data, fin } of frames) {
    parts.push(data);
    if (!fin) continue;
    whole.push(Buffer.concat(parts));
    parts = [];
  }
  return whole;
}

/** Cuts at each of the offsets, which wrap around the data's length. */
function cut(data: Buffer, offsets: readonly number[]): Buffer[] {
  const places = offsets.map((offset) => offset % (data.length + 1)).toSorted((a, b) => a - b);
  return [0, ...places].map((from, index) => data.subarray(from, places[index] ?? data.length));
}

function byByte(data: Buffer): Buffer[] {
  return Array.from(data, (_byte, at) => data.subarray(at, at + 1));
}

const element = fc.oneof(
  fc.string({ unit: 'binary-ascii', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '0', ';', ',', '3.abc;', 'é', 'Ж', '漢', '😀', '\u{10ffff}', '\0', 'a\u0301'),
);
const instructionList = fc.array(fc.array(element, { minLength: 1, maxLength: 5 }), {
  maxLength: 30,
});
const segmentation = fc.array(fc.nat({ max: 100_000 }), { maxLength: 40 });

describe('instruction scanner and frame assembler', () => {
  it('do not take an instruction for a watched one because one before it was', () => {
    const rest = encode(['img', '1', '12', '0', 'image/png', '0', '0']) + encode(['sync', '1']);
    const watched = encode(['error', 'Aborted', '519']);
    // Cut in each place, so that an element of `img` lies in two chunks.
    for (let at = 1; at < rest.length; at += 1) {
      const chunks = [watched, rest.slice(0, at), rest.slice(at)].map((text) => Buffer.from(text));
      const relayed = relay(chunks, { watched: ['error'] });
      assert.deepEqual(relayed.instructions, [['error', 'Aborted', '519']], `cut at ${at}`);
    }
  });

  it('pass any instructions on unchanged, in messages that end at instruction ends, however they are segmented', () => {
    fc.assert(
      fc.property(instructionList, segmentation, fc.boolean(), (list, offsets, lends) => {
        const text = list.map(encode).join('');
        const data = Buffer.from(text);
        for (const chunks of [[data], cut(data, offsets), byByte(data)]) {
          const relayed = relay(chunks, { lends });
          assert.equal(relayed.failure, null);
          assert.deepEqual(joined(relayed), data);
          for (const message of messages(relayed)) {
            const characters = [...message.toString()].length;
            assert.equal(naiveInstructionEnds(message.toString())?.at(-1), characters);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('pass on each instruction with the bytes that end it, without waiting for more', () => {
    fc.assert(
      fc.property(instructionList, (list) => {
        const relayed = relay(byByte(Buffer.from(list.map(encode).join(''))));
        assert.deepEqual(messages(relayed).map(String), list.map(encode));
      }),
    );
  });

  it('find every watched instruction whole and in order, and pass on only the others', () => {
    fc.assert(
      fc.property(instructionList, segmentation, (list, offsets) => {
        const some = [...list, ['error', 'Aborted. See logs.', '519'], ['sync', '1']];
        const data = Buffer.from(some.map(encode).join(''));
        for (const chunks of [[data], cut(data, offsets), byByte(data)]) {
          const all = relay(chunks, { watched: 'all', forward: false });
          assert.deepEqual(all.instructions, some);
          assert.equal(joined(all).length, 0);
          const errors = relay(chunks, { watched: ['error'], forward: false });
          assert.deepEqual(errors.instructions, [['error', 'Aborted. See logs.', '519']]);
          assert.equal(joined(errors).toString(), [...list, ['sync', '1']].map(encode).join(''));
          const passed = relay(chunks, { watched: ['error', 'sync'] });
          assert.deepEqual(joined(passed), data);
        }
      }),
    );
  });

  it('pass an instruction of 10 MB on in fragments of one message, without holding it', () => {
    const before = encode(['sync', '1']);
    const huge = encode(['blob', '1', 'aé漢😀'.repeat(1_000_000)]);
    const data = Buffer.from(before + huge + encode(['sync', '2']));
    assert.ok(Buffer.byteLength(huge) > 10_000_000);
    for (const size of [1024, 65_536, data.length]) {
      const chunks = [];
      for (let at = 0; at < data.length; at += size) chunks.push(data.subarray(at, at + size));
      const relayed = relay(chunks, { lends: size === 65_536 });
      assert.equal(relayed.failure, null);
      assert.ok(joined(relayed).equals(data));
      assert.ok(messages(relayed).every((message) => message.toString().endsWith(';')));
      if (size === data.length) continue;
      const largest = Math.max(...relayed.frames.map((frame) => frame.data.length));
      assert.ok(largest <= HOLD_LIMIT + size, `a frame of ${largest} bytes`);
    }
  });

  it('say of any bytes at all what the naive parser says, and never throw', () => {
    const noise = fc.array(
      fc.oneof(
        {
          weight: 6,
          arbitrary: fc.constantFrom('1.', '2.', '0.', '12.', ',', ';', '.', '-1.', 'x'),
        },
        { weight: 2, arbitrary: fc.constantFrom('4.sync,1.1;', '1.é;', '1.😀,', '99999999999.') },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) },
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(noise, segmentation, (parts, offsets) => {
        const data = Buffer.from(parts.join(''));
        // fast-check may make lone surrogates, which have no bytes of their own.
        const text = data.toString();
        const ends = naiveInstructionEnds(text);
        for (const chunks of [[data], cut(data, offsets), byByte(data)]) {
          const relayed = relay(chunks, { limit: 20_000_000_000 });
          assert.equal(relayed.failure === null, ends !== null);
          if (ends === null) continue;
          const whole = [...text].slice(0, ends.at(-1) ?? 0).join('');
          assert.equal(messages(relayed).join(''), whole);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('say of a long read what they say of its bytes one by one, wherever it is halved', () => {
    const small = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: -1, max: 100_000 }).map(String) },
      // Content that looks like instructions, and is looked at as such where it lies in the middle.
      { weight: 1, arbitrary: fc.constantFrom(';', ';4.sync,1.1;', ';9.4.sync,1.1;', ';1.', '') },
      { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 120 }) },
    );
    const opcode = fc.constantFrom('sync', 'size', 'mouse', 'error', 'disconnect', 'filesystem');
    const instruction = fc.tuple(opcode, fc.array(small, { maxLength: 7 }));
    const list = fc.array(instruction, { minLength: 150, maxLength: 400 });
    const damage = fc.option(fc.tuple(fc.nat(), fc.constantFrom(...'0159.,;:/=x')));
    let halved = 0;
    fc.assert(
      fc.property(list, damage, fc.nat({ max: 30 }), (instructions, damaged, skipped) => {
        const data = Buffer.from(
          instructions.map(([name, rest]) => encode([name, ...rest])).join(''),
        );
        if (damaged) data.write(damaged[1], damaged[0] % data.length);
        halved += Number(data.length > 3000);
        for (const watched of [[], ['error', 'size', 'disconnect'], 'all'] as const) {
          const [long, bytes] = [
            [data.subarray(0, skipped), data.subarray(skipped)],
            byByte(data),
          ].map((chunks) => relay(chunks, { watched }));
          assert.deepEqual(long?.instructions, bytes?.instructions);
          assert.equal(long?.failure, bytes?.failure);
          assert.equal(messages(long as Relayed).join(''), messages(bytes as Relayed).join(''));
        }
      }),
      { numRuns: 200 },
    );
    assert.ok(halved > 100, `${halved} were long enough`);
  });

  it('refuse invalid UTF-8 and only that, as TextDecoder does, however it is segmented', () => {
    const bytes = fc.uint8Array({ maxLength: 6 });
    const nearlyValid = fc
      .tuple(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.nat({ max: 255 }),
      )
      .map(([text, at, byte]) => {
        const encoded = new Uint8Array(Buffer.from(text));
        encoded[at % encoded.length] = byte;
        return encoded;
      });
    fc.assert(
      fc.property(fc.oneof(bytes, nearlyValid), (generated) => {
        // No `;`: a shorter content that is valid must not end the instruction.
        const content = generated.map((byte) => (byte === 0x3b ? 0x3a : byte));
        let characters: number | null = null;
        try {
          characters = [
            ...new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content),
          ].length;
        } catch {}
        const lengths = characters === null ? [1, 2, 3, 4, 5, 6] : [characters];
        for (const length of lengths) {
          const data = Buffer.concat([Buffer.from(`${length}.`), content, Buffer.from(';')]);
          for (const chunks of [[data], byByte(data)]) {
            const relayed = relay(chunks);
            if (characters === null) assert.equal(messages(relayed).length, 0);
            else assert.deepEqual(messages(relayed), [data]);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  for (const [what, text] of Object.entries({
    'a huge length': '33554433.',
    'a length of endless digits': '0'.repeat(100),
    'a negative length': '-1.x;',
    'no length': '.x;',
    'HTTP instead of Guacamole': 'HTTP/1.1 400 Bad Request\r\n',
    'an element longer than its length': '4.syncc;',
  })) {
    it(`refuse ${what} at once and for good`, () => {
      const relayed = relay([Buffer.from(encode(['sync', '1']) + text), Buffer.from('4.sync;')]);
      assert.ok(relayed.failure);
      assert.equal(joined(relayed).toString(), encode(['sync', '1']));
    });
  }

  it('refuse an instruction of endless elements at the limit', () => {
    const endless = Buffer.from('0.,'.repeat(1000));
    let sent = 0;
    const sink: FrameSink = {
      frame: (_buffer, start, end) => {
        sent += end - start;
        return true;
      },
      instruction: () => true,
    };
    const scanner = new InstructionScanner(1_000_000, []);
    const assembler = new FrameAssembler(scanner, sink, new ReadBuffers());
    const failure = readAll(
      assembler,
      Array.from({ length: 500 }, () => endless),
    );
    assert.match(failure ?? '', /longer than 1000000/);
    assert.ok(sent <= 1_000_000);
  });
});

describe('instruction', () => {
  it('comes back from its text as it was, lengths counted in characters', () => {
    fc.assert(
      fc.property(fc.array(element, { minLength: 1 }), (elements) => {
        assert.deepEqual(decode(Buffer.from(encode(elements))), elements);
      }),
    );
    assert.equal(encode(['a', '😀é', '']), '1.a,2.😀é,0.;');
  });
});
