/** Keeps node_modules as package-lock.json says. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const modules = join(root, 'node_modules');
const stamp = join(modules, '.rackside-lock');
const lock = join(root, 'package-lock.json');
/** npm's own record of what it has put into node_modules; it writes it last. */
const installed = join(modules, '.package-lock.json');

/** @param {string} path */
function hash(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Both hashes: a later `npm install` by hand changes the second, and then the first is worth nothing. */
function state() {
  return existsSync(installed) ? `${hash(lock)} ${hash(installed)}\n` : '';
}

/**
 * npm's record is the lock file's packages without the root and without those of other platforms; a
 * node_modules whose every package is at the locked version was made by npm itself and is fine.
 */
function matchesLock() {
  if (!existsSync(installed)) return false;
  const wanted = JSON.parse(readFileSync(lock, 'utf8')).packages;
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional, peer }]) => {
    if (path === '') return true;
    if (!present[path]) return optional === true || peer === true;
    return present[path].version === version && existsSync(join(root, path));
  });
}

/** True when node_modules is not what package-lock.json says. */
export function npmPackagesAreStale() {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state()) return false;
  if (!matchesLock()) return true;
  writeFileSync(stamp, state());
  return false;
}

/** Runs `npm ci` when it is needed; says so in one line. Ends the process when npm fails. */
export function installNpmPackages() {
  if (!npmPackagesAreStale()) return;
  const started = Date.now();
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: 10 * 60_000,
  });
  if (npm.status !== 0) {
    process.stderr.write(`${npm.stdout ?? ''}${npm.stderr ?? ''}${npm.error?.message ?? ''}\n`);
    process.stderr.write('setup: `npm ci` failed, its own words are above\n');
    process.exit(1);
  }
  writeFileSync(stamp, state());
  const seconds = Math.round((Date.now() - started) / 1000);
  console.error(`setup: installed the npm packages of package-lock.json (npm ci, ${seconds} s)`);
}
