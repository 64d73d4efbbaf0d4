import { type Logger, createLogger } from '../../server/log.ts';
import { childEnvironment } from '../../server/platform/child-process.ts';
import { Redis } from '../../server/platform/redis.ts';
import { ServerProcess } from './server-process.ts';
import { until } from './until.ts';

/**
 * A real redis-server on a free loopback port. With `appendOnly` what was written survives
 * `kill()` and `restart()`, without it a restart begins empty.
 */
export async function startRedis({
  password,
  appendOnly = false,
}: {
  password?: string;
  appendOnly?: boolean;
} = {}): Promise<ServerProcess & { readonly url: string }> {
  const server = await ServerProcess.start({
    name: 'redis',
    spec: (port, dir) => ({
      command: 'redis-server',
      args: ['-'],
      // Settings by standard input: a password in the arguments could be read by everybody.
      stdin: [
        `port ${port}`,
        'bind 127.0.0.1',
        `dir ${JSON.stringify(dir)}`,
        'save ""',
        `appendonly ${appendOnly ? 'yes' : 'no'}`,
        'appendfsync always',
        ...(password === undefined ? [] : [`requirepass ${JSON.stringify(password)}`]),
        '',
      ].join('\n'),
      env: childEnvironment(),
      cwd: dir,
    }),
    ready: (_port, child) =>
      until(() => child.output().includes('Ready to accept connections'), {
        timeout: 10_000,
        what: 'redis to accept connections',
        child,
      }),
  });
  const user = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return Object.assign(server, { url: `redis://${user}127.0.0.1:${server.port}/0` });
}

/** A gateway's connections to it, once they are there. */
export async function connectRedis(
  url: string,
  log: Logger = createLogger('silent'),
): Promise<Redis> {
  const redis = new Redis({ url }, log);
  redis.start();
  await redis.settled(5000);
  return redis;
}
