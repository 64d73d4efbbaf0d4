import { readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayError } from '../../../server/errors.ts';
import { BmcSite } from '../../simulators/bmc-pages/bmc-site.ts';
import { ilo } from '../../simulators/bmc-pages/ilo.ts';
import { until } from '../../support/until.ts';
import { controlGroupsOf, descendants, killProgram, pssOf } from './processes.ts';
import { TestScreens } from './screens.ts';

export interface SoakOptions {
  readonly rounds: number;
  /** How many screens are kept ready. */
  readonly warm?: number;
}

/** What a soak has found. ms, KiB; the rest are counts of what should not be there. */
export interface SoakResult {
  /** From the call until the screen can be looked at, and until the BMC's console is on it. */
  readonly screenMs: number[];
  readonly consoleMs: number[];
  /** Proportional memory of all screens, of rounds in which none was killed. */
  readonly pssKiB: number[];
  readonly left: Readonly<Record<Kind, number>>;
}

type Kind = 'processes' | 'files' | 'displays' | 'ports' | 'sessions' | 'consoles';

/** What a round does to a screen before it is closed, one after the other. */
const DEEDS = ['none', 'none', 'chromium', 'Xtigervnc', 'openbox', 'early'] as const;

/** Opens and closes consoles, some of whose programs are killed, and looks for what is left. */
export async function soak({ rounds, warm = 0 }: SoakOptions): Promise<SoakResult> {
  const site = await BmcSite.start(ilo(6));
  const screens = await TestScreens.start({ warm });
  const ports = openPorts();
  const servers = new Set<number>();
  const [screenMs, consoleMs, pssKiB]: [number[], number[], number[]] = [[], [], []];
  try {
    for (let round = 0; round < rounds; round += 1) {
      const deed = DEEDS[round % DEEDS.length] ?? 'none';
      const begun = performance.now();
      const { endpoint, faults } = await screens.open(site, { vendor: 'hpe' });
      screenMs.push(performance.now() - begun);
      for (const { name, pid } of await descendants()) if (name === X_SERVER) servers.add(pid);
      if (deed !== 'early') {
        await until(() => site.consoles === 1, { timeout: 60_000, what: 'the console' });
        consoleMs.push(performance.now() - begun);
        if (deed === 'none') pssKiB.push(await pssOf(await descendants()));
        else {
          await killProgram(deed);
          await until(() => faults.length > 0, { timeout: 60_000, what: `${deed} to be missed` });
        }
      }
      await endpoint.release();
      const others = faults.filter(
        (fault) => !(fault instanceof GatewayError && fault.status === 'kvm_crashed'),
      );
      if (others.length > 0) throw new AggregateError(others, `round ${round}: ${deed}`);
    }
    const [sessions, consoles] = [site.sessions.size, site.consoles];
    // What a console leaves is looked for before everything is ended; not so what is kept ready.
    if (warm > 0) await screens.warm?.stop();
    const programs = (await descendants()).filter(({ name }) => /chrom|vnc|openbox/.test(name));
    const folders = await screenFiles();
    const displays = await locksOf(servers);
    const left = { processes: programs.length, displays, ports: openPorts() - ports };
    await screens.runner.stop();
    const files = folders + (await ownFolders()).length;
    return { screenMs, consoleMs, pssKiB, left: { ...left, files, sessions, consoles } };
  } finally {
    await screens.stop();
    await site.stop();
  }
}

const X_SERVER = 'Xtigervnc';

/** Ports of this process on which somebody is waited for. */
function openPorts(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length;
}

async function ownFolders(): Promise<string[]> {
  const names = await readdir(tmpdir());
  return names.filter((name) => name.startsWith(`rackside-kvm-${process.pid}-`));
}

/** Folders, marks and control groups of screens of this process. */
async function screenFiles(): Promise<number> {
  let count = 0;
  for (const folder of await ownFolders()) {
    const names = await readdir(join(tmpdir(), folder), { recursive: true });
    count += names.filter((name) => name !== 'marks').length;
  }
  return count + (await controlGroupsOf(process.pid)).length;
}

/** Locks of displays that these X servers have left. */
async function locksOf(servers: ReadonlySet<number>): Promise<number> {
  let count = 0;
  for (const name of await readdir(tmpdir())) {
    if (!/^\.X\d+-lock$/.test(name)) continue;
    const pid = Number(await readFile(join(tmpdir(), name), 'utf8').catch(() => ''));
    if (servers.has(pid)) count += 1;
  }
  return count;
}
