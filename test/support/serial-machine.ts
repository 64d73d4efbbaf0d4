import { join } from 'node:path';
import { GRUB, askQmp } from './qemu.ts';
import { ServerProcess } from './server-process.ts';
import { until } from './until.ts';

/** A real virtual machine without a screen: GRUB's prompt is on its serial port. */
export class SerialMachine {
  readonly #process: ServerProcess;

  private constructor(process: ServerProcess) {
    this.#process = process;
  }

  static async start(): Promise<SerialMachine> {
    let socket = '';
    const process = await ServerProcess.start({
      name: 'serial',
      spec: (port, dir) => {
        socket = join(dir, 'qmp');
        return {
          command: 'qemu-system-x86_64',
          args: [
            ...['-machine', 'pc,graphics=off', '-accel', 'tcg', '-m', '64', '-nodefaults'],
            ...['-vga', 'none', '-display', 'none', '-cdrom', GRUB, '-boot', 'd'],
            ...['-serial', `tcp:127.0.0.1:${port},server=on,wait=off`],
            ...['-qmp', `unix:${socket},server=on,wait=off`],
          ],
        };
      },
      // Its serial port takes one connection, which is not to be spent on a look.
      ready: (port, child) =>
        until(() => askQmp(socket, 'query-status'), {
          timeout: 10_000,
          what: `the machine with the serial port ${port}`,
          child,
        }),
    });
    return new SerialMachine(process);
  }

  /** Where its serial line is, on loopback. */
  get port(): number {
    return this.#process.port;
  }

  qmp(command: string, args: object = {}): Promise<unknown> {
    return askQmp(join(this.#process.dir, 'qmp'), command, args);
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}
