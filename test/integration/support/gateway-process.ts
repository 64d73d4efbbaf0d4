import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../../../server/platform/child-process.ts';
import { TestGateway, type TestGatewayOptions, testConfig } from '../../support/gateway.ts';
import { logBook } from '../../support/log-book.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** All that it wrote to standard error. */
  readonly stderr: string;
}

/** `rackside serve` as an operator runs it: a process of its own, told what to do by signals. */
export class GatewayProcess extends TestGateway {
  readonly #child: ChildProcess;
  readonly exited: Promise<Exit>;

  private constructor(child: ChildProcess, exited: Promise<Exit>, url: string) {
    super({ url, stop: () => this.#stop() });
    this.#child = child;
    this.exited = exited;
  }

  /**
   * Resolves when it listens; rejects with what it said when it ends before. `clock` makes its clock
   * wrong, as faketime(1) writes it: `+2s`.
   */
  static async serve(
    options: TestGatewayOptions,
    { clock }: { clock?: string } = {},
  ): Promise<GatewayProcess> {
    const { child, exited } = await spawnServe(await testConfig(options), clock);
    const url = new Promise<string>((resolve) => {
      if (!child.stdout) return;
      createInterface({ input: child.stdout }).on('line', (line) => {
        logBook.stream.write(`${line}\n`);
        const entry = JSON.parse(line) as { msg?: string; url?: string };
        if (entry.msg === 'listening' && entry.url !== undefined) resolve(entry.url);
      });
    });
    const early = exited.then(({ code, stderr }) => {
      throw new Error(`the gateway ended with exit code ${code}: ${stderr}`);
    });
    return new GatewayProcess(child, exited, await Promise.race([url, early]));
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async signal(signal: NodeJS.Signals): Promise<Exit> {
    this.#child.kill(signal);
    return this.exited;
  }

  /** In order, or by force when that takes too long. */
  async #stop(): Promise<void> {
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), 12_000);
    await this.signal('SIGTERM');
    clearTimeout(limit);
  }
}

/** Runs `rackside serve` with this configuration to its end, which is expected to come by itself. */
export async function serveToItsEnd(config: object): Promise<Exit> {
  const { child, exited } = await spawnServe(config);
  child.stdout?.resume();
  return exited;
}

async function spawnServe(
  config: object,
  clock?: string,
): Promise<{ child: ChildProcess; exited: Promise<Exit> }> {
  const dir = await makeTempDir('config');
  const file = join(dir.path, 'rackside.yaml');
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  const serve = ['--import', 'tsx', 'server/cli.ts', 'serve', '--config', file];
  const child = spawn(
    'setpriv',
    // A test run that is killed leaves no gateway behind (prctl(2), PR_SET_PDEATHSIG).
    ['--pdeathsig', 'TERM', '--', process.execPath, ...serve],
    {
      cwd: ROOT,
      env: childEnvironment(clock === undefined ? {} : wrongClock(clock)),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const exited = once(child, 'close').then(async ([code, signal]) => {
    await dir.stop();
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, stderr };
  });
  await once(child, 'spawn');
  return { child, exited };
}

/** The clock that is set is wrong, not the monotonic one: as on a machine without NTP. */
function wrongClock(clock: string): NodeJS.ProcessEnv {
  const folders = readdirSync('/usr/lib', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.includes('-linux-'))
    .map(({ name }) => join('/usr/lib', name, 'faketime/libfaketimeMT.so.1'));
  const library = folders.find((path) => existsSync(path));
  if (!library) throw new Error('no libfaketime: `npm run setup test` installs it');
  return { LD_PRELOAD: library, FAKETIME: clock, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}
