import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** dist/client, seen from the source tree and from dist alike. */
export function clientDir(): string {
  const server = dirname(dirname(fileURLToPath(import.meta.url)));
  const inDist = join(server, '..', 'client');
  return existsSync(join(inDist, 'index.html')) && server.includes('dist')
    ? inDist
    : join(server, '..', 'dist', 'client');
}
