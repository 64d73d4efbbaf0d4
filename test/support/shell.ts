import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { shellProfile } from '../../server/demo/shell-profile.ts';
import { childEnvironment, signalGroup, startChild } from '../../server/platform/child-process.ts';
import { inTempDir } from './temp-dir.ts';
import { until } from './until.ts';

/** A real shell of the current user on a terminal of its own, as a stream of bytes. */
export interface ShellPeer {
  /** What it shows, and what is typed into it; ends with the shell. */
  readonly stream: Duplex;
  /** Its home folder and working directory. */
  readonly home: string;
  /** A file that appears when it shows its first prompt. */
  readonly prompted: string;
  /** Gives its terminal another size, in characters; the shell hears of it. */
  resize(columns: number, rows: number): Promise<void>;
  stop(): Promise<void>;
}

const START = { timeout: 5000, what: 'the shell to start' };

export function startShell(): Promise<ShellPeer> {
  return inTempDir('shell', async (dir) => {
    const home = join(dir.path, 'home');
    const [prompted, terminal] = [join(dir.path, 'prompted'), join(dir.path, 'terminal')];
    await mkdir(home);
    const profile = `tty > ${terminal}\n${shellProfile('shell', ['Welcome'], prompted)}`;
    await writeFile(join(home, '.bashrc'), profile);
    const child = spawn('socat', ['-', 'EXEC:bash -i,pty,setsid,ctty,stderr'], {
      cwd: home,
      env: childEnvironment({ HOME: home, LANG: 'C.UTF-8', TERM: 'xterm-256color' }),
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const exited = once(child, 'exit');
    await once(child, 'spawn');
    const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
    stream.on('error', () => undefined);
    return {
      ...{ stream, home, prompted },
      resize: async (columns, rows) =>
        resize(await until(() => readFile(terminal, 'utf8'), START), columns, rows),
      async stop() {
        end(child);
        await exited;
        await dir.stop();
      },
    };
  });
}

async function resize(terminal: string, columns: number, rows: number): Promise<void> {
  const args = ['-F', terminal.trim(), 'cols', String(columns), 'rows', String(rows)];
  const child = await startChild({ name: 'stty', command: 'stty', args });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`stty: ${child.output()}`);
}

function end({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) signalGroup(pid, 'SIGTERM');
}
