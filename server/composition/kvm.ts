import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import { ImageFolder } from '../images/image-folder.ts';
import { Containers } from '../kvm/container/containers.ts';
import { Pods } from '../kvm/kubernetes/pods.ts';
import { type Carriers, LinkedRunner } from '../kvm/linked-runner.ts';
import { LocalRunner } from '../kvm/local/local-runner.ts';
import type { ScreenOwner } from '../kvm/reaper.ts';
import { ScreenedConsoles } from '../kvm/screened-consoles.ts';
import { WarmScreens } from '../kvm/warm-screens.ts';
import type { Logger } from '../log.ts';
import { repeat } from '../platform/repeat.ts';
import type { Bridges, KvmConsoles } from '../providers/provider-context.ts';
import type { Base } from './base.ts';

/** How often it is looked whether a gateway that was killed has left screens. */
const SWEEP_MS = 30_000;

type Parts = Pick<Base, 'config' | 'log' | 'started' | 'replicas'>;

/** Screens for consoles of BMCs; none runs before somebody comes but those that are kept ready. */
export async function startKvm(
  { config, log, started, replicas }: Parts,
  bridges: Bridges,
): Promise<KvmConsoles> {
  const { dataDir, kvm } = config;
  const images = kvm.images ? resolve(config.images.path ?? '') : undefined;
  const runner = createRunner(kvm, { owner: replicas, images, log });
  const sweep = async (): Promise<void> => {
    await runner.sweep().catch((err: unknown) => log.warn({ err }, 'screens cannot be swept'));
  };
  const swept = sweep();
  // A service elsewhere that does not answer does not keep the gateway from starting.
  if (runner.isHere) await swept;
  started.defer('first screen sweep', () => swept);
  started.defer('screen sweep', repeat(SWEEP_MS, sweep));
  const { warm: kept, screens } = kvm;
  const warm = kept > 0 ? new WarmScreens({ runner, warm: kept, screens, log }) : undefined;
  const all = warm ?? runner;
  started.defer('screens', () => all.stop());
  return new ScreenedConsoles({
    ...{ runner: all, warm, bridges, dataDir, log },
    images: images === undefined ? undefined : new ImageFolder(images),
    loginMs: kvm.loginTimeout * 1000,
  });
}

function createRunner(
  { runner, isolation, screens, memory, cpus, startTimeout, container, kubernetes }: Config['kvm'],
  {
    owner,
    images,
    log,
  }: {
    readonly owner: ScreenOwner;
    readonly images: string | undefined;
    readonly log: Logger;
  },
): LocalRunner | LinkedRunner {
  const limits = { memory, cpus };
  const each = { limits, startMs: startTimeout * 1000 };
  const linked = (carriers: Carriers) => new LinkedRunner({ carriers, screens, owner, log });
  if (runner === 'container') return linked(new Containers({ ...container, ...each }));
  // The configuration has seen to it that a cluster is named where one is wanted.
  if (runner === 'kubernetes' && kubernetes) return linked(new Pods({ ...kubernetes, ...each }));
  return new LocalRunner({ isolation, screens, limits, images, log });
}
