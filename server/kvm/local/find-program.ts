import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['/usr/local/bin', '/usr/bin', '/opt/google/chrome'];

/** Where the first of these programs is that is installed, as a full path. */
export function findProgram(names: readonly string[]): string | undefined {
  const paths = FOLDERS.flatMap((folder) => names.map((name) => join(folder, name)));
  return paths.find((path) => existsSync(path));
}
