import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startDemoDesktop } from '../../server/demo/desktop.ts';
import { writeDesktopFiles } from '../../server/demo/desktop-files.ts';
import { windowShown } from '../../server/demo/window-shown.ts';
import { startXvnc, type Xvnc } from '../../server/demo/xvnc.ts';
import { type RunningChild, startChild } from '../../server/platform/child-process.ts';
import { Disposables } from './dispose.ts';
import { grabFramebuffer } from './framebuffer.ts';
import type { Image } from './image.ts';
import { inTempDir } from './temp-dir.ts';
import { until } from './until.ts';
import { type InputEvent, parseXev } from './xev.ts';

/**
 * What is on the screen: the whole demo `desktop`; a `terminal` alone, with a shell whose folder is
 * the peer's `home`; a full-screen window that records its `input`; or nothing.
 */
export type VncContent = 'desktop' | 'terminal' | 'input' | 'nothing';

const run = promisify(execFile);

export interface VncOptions {
  /** Size of the screen in pixels. */
  width?: number;
  height?: number;
  content?: VncContent;
}

/** TigerVNC on a free display and loopback port, to be looked at and asked. */
export class VncPeer {
  readonly #screen: Xvnc;
  readonly #parts: Disposables;

  private constructor(screen: Xvnc, parts: Disposables) {
    this.#screen = screen;
    this.#parts = parts;
  }

  /** Resolves when the content is on the screen and takes input. Sizes in pixels. */
  static start({ width = 1024, height = 768, content = 'terminal' }: VncOptions): Promise<VncPeer> {
    return inTempDir('vnc', async (dir) => {
      const parts = new Disposables();
      parts.add(dir);
      const options = { width, height, dir: dir.path };
      const screen = await parts.start(
        content === 'desktop' ? startDemoDesktop(options) : startXvnc(options),
      );
      const peer = new VncPeer(screen, parts);
      try {
        if (content === 'terminal') await peer.#openTerminal();
        if (content === 'input') await peer.#recordInput(width, height);
        return peer;
      } catch (error) {
        await peer.stop();
        throw error;
      }
    });
  }

  get host(): string {
    return this.#screen.host;
  }

  get port(): number {
    return this.#screen.port;
  }

  get password(): string {
    return this.#screen.password;
  }

  /** The folder in which the terminal's shell works. */
  get home(): string {
    return this.#screen.home;
  }

  /** Runs an X client to its end and gives back what it printed. */
  async runX(command: string, ...args: readonly string[]): Promise<string> {
    const { env, home } = this.#screen;
    return (await run(command, args, { env, cwd: home, timeout: 10_000 })).stdout;
  }

  /** Starts an X client that stays until the peer stops; resolves when `title`'s window is shown. */
  async startX(title: string, command: string, ...args: readonly string[]): Promise<RunningChild> {
    const { env, home } = this.#screen;
    const child = await startChild({ name: command, command, args, env, cwd: home });
    this.#parts.add(child);
    await windowShown(title, { env, child });
    return child;
  }

  /**
   * The screen as the VNC server sends it. TigerVNC paints the pointer into the picture of a viewer
   * that has not moved it itself, and a few pixels may differ for that.
   */
  grab(): Promise<Image> {
    return grabFramebuffer(this.#screen);
  }

  /** The keyboard and mouse events that the `input` content has had so far, oldest first. */
  async inputs(): Promise<InputEvent[]> {
    return parseXev(await readFile(this.#inputLog, 'utf8'));
  }

  /** Ends the server and all on its screen, viewers included. May be called twice. */
  stop(): Promise<void> {
    return this.#parts.disposeAll();
  }

  get #inputLog(): string {
    return join(this.home, 'xev.log');
  }

  async #openTerminal(): Promise<void> {
    const { env, home } = this.#screen;
    const files = await writeDesktopFiles(home);
    const child = this.#parts.add(
      await startChild({
        name: 'xterm',
        command: 'xterm',
        // More than fits: the terminal covers the screen, so that the pointer is always in it and
        // it has the keyboard without a window manager.
        args: ['-geometry', '400x200+0+0'],
        env: { ...env, XENVIRONMENT: files.resources },
        cwd: home,
      }),
    );
    const prompted = () => readFile(files.prompted).then(() => true);
    await until(prompted, { timeout: 10_000, what: 'a prompt', child });
  }

  async #recordInput(width: number, height: number): Promise<void> {
    // The window must lie exactly on the screen for its events' places to be the screen's.
    const geometry = `${width}x${height}+0+0`;
    const xev = `exec stdbuf -oL xev -bw 0 -geometry ${geometry} -event keyboard -event mouse`;
    await this.startX('Event Tester', 'sh', '-c', `${xev} > "$0"`, this.#inputLog);
  }
}

export function startVnc(options: VncOptions = {}): Promise<VncPeer> {
  return VncPeer.start(options);
}
