import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../../../server/platform/child-process.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

// As users have it: from dist it starts in half the time, and `npm test` has built that already.
execFileSync(process.execPath, ['scripts/build.mjs', '--if-stale'], { cwd: ROOT });

/** How to run the CLI. */
export const CLI = [process.execPath, 'dist/server/cli.js'];

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly stdin?: string | Buffer;
  /** Besides a bare PATH and a home without files. */
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs the CLI in its turn. */
  readonly within?: readonly string[];
}

/** The real CLI in a process of its own, without a terminal, run to its end. */
export async function runCli(
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const child = spawnCli([...(options.within ?? []), ...CLI], args, options);
  child.stdin?.end(options.stdin ?? '');
  return resultOf(child);
}

/**
 * The real CLI on a terminal (script(1) makes one). `answers` are typed one by one, each after the
 * text that it answers has been shown. What a terminal shows is one text: it is `stdout`.
 */
export async function runCliOnTerminal(
  args: readonly string[],
  answers: readonly (readonly [after: string, typed: string])[],
  options: CliOptions = {},
): Promise<CliResult> {
  const line = [...CLI, ...args].map((word) => `'${word}'`).join(' ');
  const script = ['script', '-q', '-e', '-f', '-E', 'never', '-c', line, '/dev/null'];
  const child = spawnCli(script, [], options);
  const left = [...answers];
  let shown = '';
  child.stdout?.on('data', (chunk) => {
    shown += String(chunk);
    const [after, typed] = left[0] ?? [];
    if (after === undefined || !shown.includes(after)) return;
    shown = '';
    left.shift();
    child.stdin?.write(typed);
  });
  return resultOf(child);
}

function spawnCli(
  [command = '', ...fixed]: readonly string[],
  args: readonly string[],
  { env }: CliOptions,
): ChildProcess {
  return spawn(command, [...fixed, ...args], {
    cwd: ROOT,
    env: childEnvironment({ HOME: '/nonexistent', ...env }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function resultOf(child: ChildProcess): Promise<CliResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  child.stdin?.on('error', () => undefined);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
