import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { GuacdAddress } from '../providers/provider.ts';
import type { Logger } from '../log.ts';
import type { Disposer } from './disposer.ts';
import { Leftovers } from './leftovers.ts';
import { startOwnGuacd } from './own-guacd.ts';
import { startOwnRedis } from './own-redis.ts';
import { makeOwnedDir } from './owned-dir.ts';

export interface Parts {
  readonly redis: { url: string } | { socketPath: string };
  readonly guacds: ReadonlyMap<string, () => readonly GuacdAddress[]>;
}

/**
 * Redis and guacd: where the configuration says, or as children of our own where it names none.
 * What an earlier gateway with the same dataDir left behind is ended first.
 */
export async function startOwnParts(
  config: Config,
  log: Logger,
  started: Disposer,
): Promise<Parts> {
  const external = {
    redis: config.redis && targetOf(config.redis.url.reveal()),
    guacds: config.locations && addressesOf(config.locations),
  };
  if (external.redis && external.guacds) {
    return { redis: external.redis, guacds: external.guacds };
  }
  const leftovers = new Leftovers(join(config.dataDir, 'run'));
  for (const name of await leftovers.sweep()) {
    log.warn({ child: name }, 'ended what a killed gateway left');
  }
  const runtime = await makeOwnedDir('run');
  started.defer('runtime folder', () => runtime.remove());
  const common = { dataDir: config.dataDir, runtimeDir: runtime.path, leftovers, log };
  return {
    redis: external.redis ?? (await ownRedis(common, started)),
    guacds: external.guacds ?? (await ownGuacds(common, started)),
  };
}

type Common = Parameters<typeof startOwnRedis>[0];

async function ownRedis(common: Common, started: Disposer): Promise<Parts['redis']> {
  const redis = await startOwnRedis(common);
  started.defer('redis-server', () => redis.stop());
  return { socketPath: redis.socketPath };
}

async function ownGuacds(common: Common, started: Disposer): Promise<Parts['guacds']> {
  const guacd = await startOwnGuacd(common);
  started.defer('guacd', () => guacd.stop());
  return new Map([['default', () => [guacd.address()]]]);
}

/** Where a configured Redis is: TCP, or a Unix socket by `unix://`. */
export function targetOf(url: string): Parts['redis'] {
  return url.startsWith('unix://') ? { socketPath: url.slice('unix://'.length) } : { url };
}

function addressesOf(locations: NonNullable<Config['locations']>): Parts['guacds'] {
  return new Map(Object.entries(locations).map(([name, { guacd }]) => [name, () => guacd]));
}
