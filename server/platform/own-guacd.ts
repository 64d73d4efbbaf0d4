import type { GuacdAddress } from '../providers/provider.ts';
import type { Logger } from '../log.ts';
import { childEnvironment } from './child-process.ts';
import type { Leftovers } from './leftovers.ts';
import type { OwnPart } from './own-redis.ts';
import { answers, freePort } from './ports.ts';
import { SupervisedChild } from './supervised-child.ts';

export interface OwnGuacd extends OwnPart {
  /** Where it listens now; a restart may move it. */
  address(): GuacdAddress;
}

/**
 * A real guacd as our child on a loopback port. guacd knows no Unix sockets and no authentication,
 * so every local user can reach it, as with any guacd on a shared machine.
 */
export async function startOwnGuacd(options: {
  runtimeDir: string;
  leftovers: Leftovers;
  log: Logger;
}): Promise<OwnGuacd> {
  const host = '127.0.0.1';
  let port = 0;
  const child = new SupervisedChild({
    name: 'guacd',
    spec: async () => {
      port = await freePort(host);
      return {
        name: 'guacd',
        command: 'guacd',
        args: ['-f', '-b', host, '-l', String(port), '-L', 'info'],
        // FreeRDP and libssh2 look for known hosts at home; ours is empty and private.
        env: childEnvironment({ HOME: options.runtimeDir }),
      };
    },
    isReady: () => answers({ host, port }),
    leftovers: options.leftovers,
    log: options.log,
  });
  await child.start();
  return { address: () => ({ host, port }), stop: () => child.stop() };
}
