import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment } from '../../../server/platform/child-process.ts';
import { answers } from '../../../server/platform/ports.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { until } from '../../support/until.ts';

const EXAMPLES = join(import.meta.dirname, '../../../docs/examples');

/** Names the gateway that has answered by its address, so that a test can tell. */
export const REPLICA_HEADER = 'x-replica';

/** How each example of the documentation becomes one for this machine. */
const KINDS = {
  haproxy: {
    file: 'haproxy.cfg',
    adapt: (text: string, port: number) =>
      `${replace(text, /bind :443 .*/, `bind 127.0.0.1:${port}`)}
  http-response set-header ${REPLICA_HEADER} %si:%sp\n`,
    args: (file: string) => ['-db', '-f', file],
  },
  nginx: {
    file: 'nginx.conf',
    adapt: (text: string, port: number, dir: string) => {
      const plain = replace(text, 'listen 443 ssl;', `listen 127.0.0.1:${port};`);
      const open = replace(plain, /\n *ssl_certificate .*\n *ssl_certificate_key .*/, '');
      const logged = replace(open, '/var/log/nginx/rackside.log', join(dir, 'access.log'));
      const named = replace(
        logged,
        'proxy_pass http://rackside;',
        `proxy_pass http://rackside; add_header ${REPLICA_HEADER} $upstream_addr always;`,
      );
      const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
      const temp = folders.map((name) => `${name}_temp_path ${join(dir, name)};`).join('\n');
      return (
        `daemon off; master_process off; pid ${join(dir, 'nginx.pid')}; error_log stderr;\n` +
        `events {}\nhttp {\n${temp}\n${named}\n}\n`
      );
    },
    args: (file: string) => ['-e', 'stderr', '-c', file],
  },
};

export type BalancerKind = keyof typeof KINDS;

/** The documentation's own example, before gateways on these ports; they need not be there yet. */
export function startBalancer(
  kind: BalancerKind,
  gateways: readonly [number, number],
): Promise<ServerProcess> {
  const { file: example, adapt, args } = KINDS[kind];
  return ServerProcess.start({
    name: kind,
    spec: async (port, dir) => {
      const text = await readFile(join(EXAMPLES, example), 'utf8');
      const one = replace(text, '10.0.0.11:8080', `127.0.0.1:${gateways[0]}`);
      const both = replace(one, '10.0.0.12:8080', `127.0.0.1:${gateways[1]}`);
      const file = join(dir, example);
      await writeFile(file, adapt(both, port, dir));
      return { command: kind, args: args(file), env: childEnvironment(), cwd: dir };
    },
    ready: (port, child) =>
      until(() => answers({ host: '127.0.0.1', port }), {
        timeout: 10_000,
        what: `${kind} to listen`,
        child,
      }),
  });
}

/** An example that has changed is no longer adapted: that is to be seen. */
function replace(text: string, what: string | RegExp, by: string): string {
  const replaced = text.replace(what, () => by);
  if (replaced === text) throw new Error(`the example has no ${String(what)}`);
  return replaced;
}
