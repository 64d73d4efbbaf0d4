import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type RunningChild, startChild } from '../platform/child-process.ts';
import {
  CLOCK_ARGS,
  COLOURS,
  type DesktopFiles,
  terminalArgs,
  writeDesktopFiles,
} from './desktop-files.ts';
import { stopWithDescendants } from './process-tree.ts';
import { waitUntil } from './wait-until.ts';
import { windowShown } from './window-shown.ts';
import { startXvnc, type Xvnc, type XvncOptions } from './xvnc.ts';

/** A desktop to look at: window manager, terminal and a clock that moves, served by VNC. */
export type DemoDesktop = Xvnc;

const run = promisify(execFile);

/**
 * Starts the demo desktop and resolves once everything on it is on the screen and the terminal
 * shows its prompt. The programs run as the current user with a home folder below `dir`.
 */
export async function startDemoDesktop(options: XvncOptions): Promise<DemoDesktop> {
  const screen = await startXvnc({ name: 'Rackside demo', ...options });
  const children: RunningChild[] = [];
  const stop = async () => {
    await Promise.all(children.map(stopWithDescendants));
    await screen.stop();
  };
  try {
    const files = await writeDesktopFiles(screen.home);
    const env = { ...screen.env, XENVIRONMENT: files.resources };
    const start: Start = async (command, args) => {
      const child = await startChild({ name: command, command, args, env, cwd: screen.home });
      children.push(child);
      return child;
    };
    await startWindowManager(files, start);
    await paintBackground(files, env);
    await Promise.all([
      start('xterm', terminalArgs(options)).then((child) =>
        exists(files.prompted, 'a prompt', child),
      ),
      start('xclock', CLOCK_ARGS).then((child) => windowShown('xclock', { env, child })),
    ]);
    return { ...screen, env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Start = (command: string, args: readonly string[]) => Promise<RunningChild>;

async function startWindowManager(files: DesktopFiles, start: Start): Promise<void> {
  const managing = `${files.openboxConfig}.managing`;
  const args = ['--config-file', files.openboxConfig, '--startup', `touch '${managing}'`];
  const child = await start('openbox', args);
  await exists(managing, 'the window manager', child);
}

function exists(path: string, what: string, child: RunningChild): Promise<unknown> {
  return waitUntil(() => access(path).then(() => true), { timeout: 10_000, what, child });
}

/** Nothing but looks: without xsetroot (Debian's x11-xserver-utils) the background stays plain. */
async function paintBackground(files: DesktopFiles, env: NodeJS.ProcessEnv): Promise<void> {
  const args = ['-bitmap', files.tile, '-bg', COLOURS.desk, '-fg', COLOURS.dots];
  await run('xsetroot', args, { env }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
