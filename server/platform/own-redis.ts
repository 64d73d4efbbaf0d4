import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../log.ts';
import { childEnvironment } from './child-process.ts';
import type { Leftovers } from './leftovers.ts';
import { answers } from './ports.ts';
import { SupervisedChild } from './supervised-child.ts';

export interface OwnPart {
  /** Ends the child. Idempotent. */
  stop(): Promise<void>;
}

export interface OwnRedis extends OwnPart {
  readonly socketPath: string;
}

/**
 * A real redis-server as our child, on a Unix socket that only our user can open, with an
 * append-only file in `dataDir/redis`, so that sessions and deadlines outlive a restart.
 */
export async function startOwnRedis(options: {
  dataDir: string;
  runtimeDir: string;
  leftovers: Leftovers;
  log: Logger;
}): Promise<OwnRedis> {
  const dir = join(options.dataDir, 'redis');
  const socketPath = join(options.runtimeDir, 'redis.sock');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const settings = {
    port: '0',
    unixsocket: socketPath,
    unixsocketperm: '700',
    dir,
    appendonly: 'yes',
    save: '',
    daemonize: 'no',
    'stop-writes-on-bgsave-error': 'no',
  };
  const child = new SupervisedChild({
    name: 'redis-server',
    spec: async () => ({
      name: 'redis-server',
      command: 'redis-server',
      args: Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]),
      env: childEnvironment(),
    }),
    isReady: () => answers({ path: socketPath }),
    leftovers: options.leftovers,
    log: options.log,
  });
  await child.start();
  return { socketPath, stop: () => child.stop() };
}
