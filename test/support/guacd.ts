import { childEnvironment } from '../../server/platform/child-process.ts';
import { ServerProcess } from './server-process.ts';
import { until } from './until.ts';

/**
 * The machine's real guacd on a free loopback port, with a home of its own (FreeRDP keeps files
 * there). The less it logs, the more often guacd 1.3.0 tells somebody who joins a piece of the screen
 * twice, in the middle of instructions, which ends their tunnel.
 */
export function startGuacd(): Promise<ServerProcess> {
  return ServerProcess.start({
    name: 'guacd',
    spec: (port, dir) => ({
      command: 'guacd',
      args: ['-f', '-b', '127.0.0.1', '-l', String(port), '-L', 'debug'],
      env: childEnvironment({ HOME: dir, LANG: 'C.UTF-8' }),
      cwd: dir,
    }),
    ready: (_port, child) =>
      until(() => child.output().includes('Listening on host'), {
        timeout: 10_000,
        what: 'guacd to listen',
        child,
      }),
  });
}
