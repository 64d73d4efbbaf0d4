import { readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { GatewayError } from '../../../server/errors.ts';
import { BmcSite } from '../../simulators/bmc-pages/bmc-site.ts';
import { ilo } from '../../simulators/bmc-pages/ilo.ts';
import { until } from '../../support/until.ts';
import { descendants, killProgram } from './processes.ts';
import { type Isolation, TestScreens } from './screens.ts';

export interface SoakOptions {
  readonly rounds: number;
  readonly isolation?: Isolation;
}

/** What a soak has found. ms, KiB; the rest are counts of what should not be there. */
export interface SoakResult {
  /** From the call until the screen can be looked at, and until the BMC's console is on it. */
  readonly screenMs: number[];
  readonly consoleMs: number[];
  /** Proportional memory of everything on one screen, of those that were not killed. */
  readonly pssKiB: number[];
  readonly left: Readonly<Record<'processes' | 'folders' | 'sessions' | 'consoles', number>>;
}

/** What a round does to a screen before it is closed, one after the other. */
const DEEDS = ['none', 'none', 'chromium', 'Xtigervnc', 'openbox', 'early'] as const;

/** Opens and closes consoles, some of whose programs are killed, and looks for what is left. */
export async function soak({ rounds, isolation = 'auto' }: SoakOptions): Promise<SoakResult> {
  const site = await BmcSite.start(ilo(6));
  const screens = await TestScreens.start({ isolation });
  const result = { screenMs: [], consoleMs: [], pssKiB: [] } as Pick<
    SoakResult,
    'screenMs' | 'consoleMs' | 'pssKiB'
  >;
  try {
    for (let round = 0; round < rounds; round += 1) {
      const deed = DEEDS[round % DEEDS.length] ?? 'none';
      const begun = performance.now();
      const { endpoint, faults } = await screens.open(site, { vendor: 'hpe' });
      result.screenMs.push(performance.now() - begun);
      if (deed !== 'early') {
        await until(() => site.consoles === 1, { timeout: 30_000, what: 'the console' });
        result.consoleMs.push(performance.now() - begun);
        if (deed === 'none') result.pssKiB.push(await pssOf(await descendants()));
        else {
          await killProgram(deed);
          await until(() => faults.length > 0, { timeout: 20_000, what: `${deed} to be missed` });
        }
      }
      await endpoint.release();
      const others = faults.filter(
        (fault) => !(fault instanceof GatewayError && fault.status === 'kvm_crashed'),
      );
      if (others.length > 0) throw new AggregateError(others, `round ${round}: ${deed}`);
    }
    const processes = (await descendants()).filter(({ name }) => /chrom|vnc|openbox/.test(name));
    const left = {
      processes: processes.length,
      sessions: site.sessions.size,
      consoles: site.consoles,
    };
    await screens.runner.stop();
    const names = await readdir(tmpdir());
    const folders = names.filter((name) => name.startsWith(`rackside-kvm-${process.pid}-`)).length;
    return { ...result, left: { ...left, folders } };
  } finally {
    await screens.stop();
    await site.stop();
  }
}

/** What these processes have of the memory, shared parts divided among those that share them. KiB */
async function pssOf(processes: readonly { pid: number }[]): Promise<number> {
  let sum = 0;
  for (const { pid } of processes) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    sum += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  }
  return sum;
}
