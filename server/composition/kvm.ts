import { LocalRunner } from '../kvm/local/local-runner.ts';
import { ScreenedConsoles } from '../kvm/screened-consoles.ts';
import { repeat } from '../platform/repeat.ts';
import type { Bridges, KvmConsoles } from '../providers/provider-context.ts';
import type { Base } from './base.ts';

/** How often it is looked whether a gateway that was killed has left screens. */
const SWEEP_MS = 30_000;

/** Screens for consoles of BMCs; none runs before somebody comes. */
export async function startKvm(
  { config, log, started }: Pick<Base, 'config' | 'log' | 'started'>,
  bridges: Bridges,
): Promise<KvmConsoles> {
  const { isolation, screens, memory, cpus, loginTimeout } = config.kvm;
  const runner = new LocalRunner({ isolation, screens, limits: { memory, cpus }, log });
  started.defer('screens', () => runner.stop());
  await runner.sweep();
  started.defer(
    'screen sweep',
    repeat(SWEEP_MS, () => runner.sweep()),
  );
  const { dataDir } = config;
  return new ScreenedConsoles({ runner, bridges, dataDir, loginMs: loginTimeout * 1000, log });
}
