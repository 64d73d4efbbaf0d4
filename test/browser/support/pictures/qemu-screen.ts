import { type Socket, connect } from 'node:net';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { childEnvironment } from '../../../../server/platform/child-process.ts';
import { ServerProcess } from '../../../support/server-process.ts';
import { until } from '../../../support/until.ts';
import { SCREEN } from './frames.ts';

/** Where the graphics card's memory is put, and how much of it there is. */
const MEMORY = 0xe000_0000;
const MEGABYTES = 128;
/** Bytes written at once. */
const PIECE = 1024 * 1024;
/** Registers of the Bochs VBE extensions (QEMU, docs/specs/standard-vga.rst). */
const WIDTH = 1;
const HEIGHT = 2;
const BITS = 3;
const ENABLE = 4;
const FIRST_ROW = 9;
/** Enabled, with a linear frame buffer whose content stays. */
const LINEAR = 0xc1;

/**
 * The screen of a virtual machine whose processor stands still: its graphics card is driven from
 * outside, by QEMU's own protocol for tests. A picture is moved by the card's first row, so that all of the
 * computing is that of QEMU's VNC server.
 */
export class QemuScreen {
  readonly #process: ServerProcess;
  readonly #socket: Socket;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;
  #timer: NodeJS.Timeout | undefined;

  private constructor(process: ServerProcess) {
    this.#process = process;
    this.#socket = connect(join(process.dir, 'qtest'));
    this.#lines = createInterface({ input: this.#socket });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  static async start(): Promise<QemuScreen> {
    const process = await ServerProcess.start({
      name: 'qemu-screen',
      spec: (port, dir) => ({
        command: 'qemu-system-x86_64',
        args: [
          ...['-machine', 'pc', '-accel', 'tcg', '-S', '-m', '64', '-nodefaults'],
          ...['-device', `VGA,vgamem_mb=${MEGABYTES}`, '-serial', 'none', '-monitor', 'none'],
          ...['-qtest', `unix:${dir}/qtest,server=on,wait=off`, '-qtest-log', '/dev/null'],
          ...['-vnc', `127.0.0.1:${port - 5900}`],
        ],
        env: childEnvironment(),
        cwd: dir,
      }),
      ready: (port, child) =>
        until(() => greets(port), { timeout: 10_000, what: "QEMU's VNC server", child }),
    });
    const screen = new QemuScreen(process);
    await screen.#switchOn();
    return screen;
  }

  get host(): string {
    return '127.0.0.1';
  }

  get port(): number {
    return this.#process.port;
  }

  /**
   * Puts the pictures below each other into the card's memory and shows a screen of them from each of
   * the rows in turn, round and round. `every`: milliseconds between two of them.
   */
  async show(pictures: readonly Buffer[], rows: readonly number[], every: number): Promise<void> {
    clearInterval(this.#timer);
    const memory = Buffer.concat(pictures);
    for (let at = 0; at < memory.length; at += PIECE) {
      const piece = memory.subarray(at, at + PIECE);
      const where = `0x${(MEMORY + at).toString(16)} 0x${piece.length.toString(16)}`;
      await this.#ask(`b64write ${where} ${piece.toString('base64')}`);
    }
    let next = 0;
    this.#timer = setInterval(() => {
      void this.#set(FIRST_ROW, rows[next++ % rows.length] ?? 0);
    }, every);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#lines.close();
    this.#socket.destroy();
    await this.#process.stop();
  }

  async #switchOn(): Promise<void> {
    // The card is device 2 of the only bus: its memory's address, and that it answers there.
    await this.#ask('outl 0xcf8 0x80001010', `outl 0xcfc 0x${MEMORY.toString(16)}`);
    await this.#ask('outl 0xcf8 0x80001004', 'outw 0xcfc 3');
    await this.#set(WIDTH, SCREEN.width);
    await this.#set(HEIGHT, SCREEN.height);
    await this.#set(BITS, 32);
    await this.#set(ENABLE, LINEAR);
    // Without this bit of the old VGA the screen stays black.
    await this.#ask('outb 0x3c0 0x20');
  }

  #set(register: number, value: number): Promise<void> {
    return this.#ask(`outw 0x1ce ${register}`, `outw 0x1cf ${value}`);
  }

  async #ask(...commands: readonly string[]): Promise<void> {
    this.#socket.write(commands.map((command) => `${command}\n`).join(''));
    for (const command of commands) {
      const { value } = await this.#answers.next();
      if (value !== undefined && !String(value).startsWith('OK')) {
        throw new Error(`${command.slice(0, 40)}: ${value}`);
      }
    }
  }
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('close', () => resolve(false));
    socket.on('error', () => undefined);
  });
}
