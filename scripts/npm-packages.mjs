/** Keeps node_modules as package-lock.json says. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const lock = join(root, 'package-lock.json');
/** npm's own record of what it has put into node_modules. It writes this last. */
const installed = join(root, 'node_modules/.package-lock.json');

/**
 * True when node_modules is not what package-lock.json says.
 *
 * npm's record has the same entries as the lock file, so the two are compared as they are: no stamp of
 * ours can be fooled by an `npm install` that somebody ran by hand. An `npm ci` that was interrupted
 * has left no record.
 *
 * @param {{ dev?: boolean }} options dev: false is content without what only builds and tests need
 */
export function npmPackagesAreStale({ dev = true } = {}) {
  if (!existsSync(installed)) return true;
  const wanted = JSON.parse(readFileSync(lock, 'utf8')).packages;
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(wanted).some(([path, entry]) => {
    if (path === '') return false;
    const found = present[path];
    // Packages for other platforms and optional peers are in the lock file only.
    if (!found) return !entry.optional && !entry.peer && (dev || !entry.dev);
    return found.integrity !== entry.integrity || !existsSync(join(root, path));
  });
}

/** Runs `npm ci` when it is needed, and says so. Ends the process when npm fails. */
export function installNpmPackages(options = {}) {
  if (!npmPackagesAreStale(options)) return;
  const started = Date.now();
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: 10 * 60_000,
  });
  if (npm.status !== 0) {
    process.stderr.write(`${npm.stdout ?? ''}${npm.stderr ?? ''}${npm.error?.message ?? ''}\n`);
    console.error('setup: `npm ci` failed, its own words are above');
    process.exit(1);
  }
  const seconds = Math.round((Date.now() - started) / 1000);
  console.error(`setup: installed the npm packages of package-lock.json (npm ci, ${seconds} s)`);
}
