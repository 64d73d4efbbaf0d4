import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Xvnc } from '../../server/demo/xvnc.ts';
import { ServerProcess } from './server-process.ts';
import { until } from './until.ts';

const run = promisify(execFile);

/**
 * FreeRDP's server on a free loopback port, which shows an X screen to whoever proves by NLA that they are
 * this user, before anything else (MS-RDPBCGR, section 5.4.5.2).
 */
export function startNla(
  { env }: Pick<Xvnc, 'env'>,
  { username, password }: { username: string; password: string },
): Promise<ServerProcess> {
  return ServerProcess.start({
    name: 'freerdp-shadow',
    async spec(port, dir) {
      const accounts = join(dir, 'sam');
      const { stdout } = await run('winpr-hash', ['-u', username, '-p', password, '-f', 'sam']);
      await writeFile(accounts, stdout, { mode: 0o600 });
      return {
        command: 'freerdp-shadow-cli',
        args: [
          ...[`/port:${port}`, '/bind-address:127.0.0.1', '/sec:nla', '+auth'],
          `/sam-file:${accounts}`,
        ],
        env: { ...env, HOME: dir, XDG_CONFIG_HOME: dir },
        cwd: dir,
      };
    },
    ready: (port, child) =>
      until(() => accepts(port), { timeout: 20_000, what: 'freerdp-shadow to listen', child }),
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
