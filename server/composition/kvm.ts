import { resolve } from 'node:path';
import { ImageFolder } from '../images/image-folder.ts';
import { LocalRunner } from '../kvm/local/local-runner.ts';
import { ScreenedConsoles } from '../kvm/screened-consoles.ts';
import { WarmScreens } from '../kvm/warm-screens.ts';
import { repeat } from '../platform/repeat.ts';
import type { Bridges, KvmConsoles } from '../providers/provider-context.ts';
import type { Base } from './base.ts';

/** How often it is looked whether a gateway that was killed has left screens. */
const SWEEP_MS = 30_000;

/** Screens for consoles of BMCs; none runs before somebody comes but those that are kept ready. */
export async function startKvm(
  { config, log, started }: Pick<Base, 'config' | 'log' | 'started'>,
  bridges: Bridges,
): Promise<KvmConsoles> {
  const { isolation, screens, warm: kept, memory, cpus, loginTimeout } = config.kvm;
  const { path = '' } = config.images;
  const images = config.kvm.images ? resolve(path) : undefined;
  const local = new LocalRunner({ isolation, screens, limits: { memory, cpus }, images, log });
  await local.sweep();
  started.defer(
    'screen sweep',
    repeat(SWEEP_MS, () => local.sweep()),
  );
  const warm = kept > 0 ? new WarmScreens({ runner: local, warm: kept, screens, log }) : undefined;
  const runner = warm ?? local;
  started.defer('screens', () => runner.stop());
  const { dataDir } = config;
  const loginMs = loginTimeout * 1000;
  return new ScreenedConsoles({
    ...{ runner, warm, bridges, dataDir, loginMs, log },
    images: images === undefined ? undefined : new ImageFolder(images),
  });
}
