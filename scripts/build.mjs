/**
 * Builds dist/: `node scripts/build.mjs [--if-stale]`.
 *
 * dist/server is what tsc makes of server/, dist/client what Vite makes of client/. Both are built beside
 * the old ones, which they replace only when both are there: a build that fails leaves a dist that works.
 * The stamp with the hash of all sources is written last, so that an interrupted build is not taken for
 * a finished one, and a file saved during the build makes the next one run.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const stamp = join(dist, '.sources');
const SOURCES = ['server', 'client', 'tsconfig.json', 'package-lock.json', 'scripts/build.mjs'];

/** @param {string} path @returns {string[]} */
function filesBelow(path) {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** Contents, not times: a checkout changes all times and git keeps none. */
function hashOfSources() {
  const hash = createHash('sha256');
  const files = SOURCES.flatMap((name) =>
    name.includes('.') ? [join(root, name)] : filesBelow(join(root, name)),
  );
  for (const file of files.toSorted()) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

export function buildIsStale() {
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== hashOfSources();
}

/** @param {string} tool in node_modules/.bin @param {string[]} args */
function run(tool, args) {
  const result = spawnSync(join(root, 'node_modules/.bin', tool), args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (result.status === 0) return;
  process.stderr.write(
    `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`,
  );
  console.error(`build: ${[tool, ...args].join(' ')} failed`);
  process.exit(1);
}

/** Half-built folders of builds that were killed; those of one that is running now are left alone. */
function removeLeftovers() {
  const names = existsSync(dist) ? readdirSync(dist) : [];
  for (const name of names) {
    const pid = /^\.(?:server|client)-(\d+)$/.exec(name)?.[1];
    if (pid && !existsSync(join('/proc', pid))) rmSync(join(dist, name), { recursive: true });
  }
}

/** What is run as it is lies beside what runs it. @param {string} from @param {string} to */
function copyScripts(from, to) {
  for (const file of filesBelow(from).filter((name) => name.endsWith('.sh'))) {
    copyFileSync(file, join(to, relative(from, file)));
  }
}

/** Ends the process when a step fails, with the step's own words. */
export function build() {
  const started = Date.now();
  const hash = hashOfSources();
  // Beside the final folders, so that the paths in the source maps hold after the renaming.
  const next = (part) => join(dist, `.${part}-${process.pid}`);
  removeLeftovers();
  run('tsc', ['-p', 'server', '--outDir', next('server')]);
  copyScripts(join(root, 'server'), next('server'));
  const vite = (...more) =>
    run('vite', ['build', 'client', '--logLevel', 'warn', ...more, '--outDir', next('client')]);
  vite('--emptyOutDir');
  vite('--config', 'client/vite.embed.config.ts');
  chmodSync(join(next('server'), 'cli.js'), 0o755);
  rmSync(stamp, { force: true });
  for (const part of ['server', 'client']) {
    rmSync(join(dist, part), { recursive: true, force: true });
    renameSync(next(part), join(dist, part));
  }
  writeFileSync(stamp, hash);
  console.error(`build: dist is ready (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}

if (process.argv[1] === import.meta.filename) {
  if (!process.argv.includes('--if-stale') || buildIsStale()) build();
}
