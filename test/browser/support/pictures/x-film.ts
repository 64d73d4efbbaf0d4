import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { SCREEN } from './frames.ts';

/** Opcodes of the X Window System Protocol, version 11, appendix B. */
const CREATE_WINDOW = 1;
const MAP_WINDOW = 8;
const DESTROY_WINDOW = 4;
const CREATE_PIXMAP = 53;
const CREATE_GC = 55;
const COPY_AREA = 62;
const PUT_IMAGE = 72;
const OVERRIDE_REDIRECT = 1 << 9;
const GRAPHICS_EXPOSURES = 1 << 16;
const DEPTH = 24;
/** A request is at most 65535 units of four bytes. */
const ROWS_AT_ONCE = 32;

/**
 * A film on the whole of an X screen. The server keeps the pictures, so that showing one costs it a
 * copy and its client nothing.
 */
export class XFilm {
  readonly #socket: Socket;
  readonly #base: number;
  readonly #timer: NodeJS.Timeout;

  private constructor(socket: Socket, base: number, count: number, every: number) {
    this.#socket = socket;
    this.#base = base;
    let next = 0;
    this.#timer = setInterval(() => {
      const picture = base + 2 + (next++ % count);
      socket.write(request(COPY_AREA, 0, picture, base, base + 1, 0, 0, size()));
    }, every);
  }

  /** `every`: milliseconds between two pictures. */
  static async start(
    { display, xauthority }: { readonly display: string; readonly xauthority: string },
    frames: readonly Buffer[],
    every: number,
  ): Promise<XFilm> {
    const socket = connect(`/tmp/.X11-unix/X${display.slice(1)}`);
    socket.write(greeting((await readFile(xauthority)).subarray(-16)));
    const [setup] = (await once(socket, 'data')) as [Buffer];
    if (setup[0] !== 1) throw new Error('the X server does not let us in');
    socket.resume();
    const base = setup.readUInt32LE(12);
    const screens = 40 + padded(setup.readUInt16LE(24)) + 8 * setup.readUInt8(29);
    const root = setup.readUInt32LE(screens);
    socket.write(
      Buffer.concat([
        request(CREATE_WINDOW, 0, base, root, 0, size(), 1 << 16, 0, OVERRIDE_REDIRECT, 1),
        request(MAP_WINDOW, 0, base),
        request(CREATE_GC, 0, base + 1, root, GRAPHICS_EXPOSURES, 0),
      ]),
    );
    for (const [index, frame] of frames.entries()) {
      const pixmap = base + 2 + index;
      socket.write(request(CREATE_PIXMAP, DEPTH, pixmap, root, size()));
      for (const part of imageOf(frame, pixmap, base + 1)) {
        if (!socket.write(part)) await once(socket, 'drain');
      }
    }
    return new XFilm(socket, base, frames.length, every);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#socket.end(request(DESTROY_WINDOW, 0, this.#base));
  }
}

function greeting(cookie: Buffer): Buffer {
  const name = Buffer.from('MIT-MAGIC-COOKIE-1');
  const head = Buffer.from([0x6c, 0, 11, 0, 0, 0, name.length, 0, cookie.length, 0, 0, 0]);
  return Buffer.concat([head, name, Buffer.alloc(padded(name.length) - name.length), cookie]);
}

function* imageOf(frame: Buffer, pixmap: number, gc: number): Generator<Buffer> {
  const { width, height } = SCREEN;
  for (let row = 0; row < height; row += ROWS_AT_ONCE) {
    const rows = Math.min(ROWS_AT_ONCE, height - row);
    const data = frame.subarray(row * width * 4, (row + rows) * width * 4);
    const whole = [pixmap, gc, (rows << 16) | width, row << 16, DEPTH << 8];
    const head = request(PUT_IMAGE, 2, ...whole);
    head.writeUInt16LE((head.length + data.length) / 4, 2);
    yield Buffer.concat([head, data]);
  }
}

function request(opcode: number, detail: number, ...words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * words.length);
  bytes.writeUInt8(opcode, 0);
  bytes.writeUInt8(detail, 1);
  bytes.writeUInt16LE(bytes.length / 4, 2);
  for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, 4 + 4 * index);
  return bytes;
}

function size(): number {
  return (SCREEN.height << 16) | SCREEN.width;
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
