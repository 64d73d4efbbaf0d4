import { startAudit } from '../audit/start-audit.ts';
import { KeyRing, ownKey } from '../auth/key-ring.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import { AllProcesses } from '../metrics/all-processes.ts';
import { Metrics } from '../metrics/metrics.ts';
import type { Disposer } from '../platform/disposer.ts';
import { GuacdDirectory } from '../platform/guacd-directory.ts';
import { startOwnParts } from '../platform/own-parts.ts';
import { Redis } from '../platform/redis.ts';
import { Replicas } from '../platform/replicas.ts';
import { SingleUse } from '../platform/single-use.ts';
import { startSharedClock } from '../platform/start-shared-clock.ts';

/** A gateway begins to serve without its Redis after this long, and says so in /readyz. */
const REDIS_WAIT_MS = 3000;

/** What everything else stands on: Redis, the replicas' clock, the audit trail, guacd, the keys. */
export async function startBase(config: Config, log: Logger, started: Disposer) {
  const own = await startOwnParts(config, log, started);
  const redis = new Redis(own.redis, log);
  redis.start();
  started.defer('redis client', () => redis.stop());
  const { audit, auditStream } = startAudit(config.audit, { redis, log, started });
  await redis.settled(REDIS_WAIT_MS);
  const { now } = await startSharedClock(redis, log, started);
  const metrics = new Metrics();
  const replicas = new Replicas(redis);
  await replicas.show().catch(() => undefined);
  started.defer('replica', () => replicas.stop());
  return {
    config,
    log,
    started,
    redis,
    /** This gateway among those that live. */
    replicas,
    now,
    audit,
    auditStream,
    keys: new KeyRing(config.keys ?? [await ownKey(config.dataDir)]),
    singleUse: new SingleUse(redis),
    metrics,
    /** What is read of the metrics. */
    allProcesses: new AllProcesses(metrics.registry),
    guacds: new GuacdDirectory(own.guacds),
    /** The first is where machines are that name none. */
    locations: [...own.guacds.keys()],
  };
}

export type Base = Awaited<ReturnType<typeof startBase>>;
