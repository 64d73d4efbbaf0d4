import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const root = join(import.meta.dirname, '../..');

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stdout, stderr });
    });
  });
}

const setup = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
  run(process.execPath, [...args, join(root, 'scripts/setup.mjs'), 'demo'], env ? { env } : {});

describe('set-up', () => {
  it('is silent and under a second where nothing is missing', async () => {
    const times: number[] = [];
    for (let tries = 0; tries < 3; tries += 1) {
      const started = performance.now();
      assert.deepEqual(await setup([]), { code: 0, stdout: '', stderr: '' });
      times.push(performance.now() - started);
    }
    // What else runs here can only make it slower.
    assert.ok(Math.min(...times) < 1000, `${times.join(', ')} ms`);
  });

  it('names what to install, and the container way, on a system that it does not know', async () => {
    const { code, stderr } = await setup([], { PATH: '/nowhere' });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /not a Debian or Ubuntu system.*tigervnc-standalone-server.*docker compose up/s,
    );
  });

  it('refuses a Node that is too old, by its version', async () => {
    const old = `Object.defineProperty(process, 'versions', { value: { node: '20.18.3' } })`;
    const { code, stderr } = await setup(['--import', `data:text/javascript,${encodeURI(old)}`]);
    assert.equal(code, 2);
    assert.match(stderr, /Node 20\.19 or newer is needed, this is 20\.18\.3/);
  });

  it('refuses a profile that is not there', async () => {
    const { code, stderr } = await run(process.execPath, [join(root, 'scripts/setup.mjs'), 'tset']);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /no profile tset: one of serve, demo, test, bench, bench-bmc-start, bench-tunnel/,
    );
  });
});

describe('npm packages', () => {
  const parts = cleanUp('each');
  const entry = { version: '1.0.0', integrity: 'sha512-a' };
  const lock = {
    '': { name: 'x' },
    'node_modules/a': entry,
    'node_modules/b': { ...entry, dev: true },
    'node_modules/other-platform': { ...entry, optional: true },
  };
  const { '': _root, 'node_modules/other-platform': _other, ...everything } = lock;

  /** Whether the packages of a checkout with such a node_modules are stale. */
  async function stale(present: object | undefined, options: object = {}): Promise<boolean> {
    const { path } = parts.add(await makeTempDir('npm'));
    const script = join(path, 'scripts/npm-packages.mjs');
    await cp(join(root, 'scripts/npm-packages.mjs'), script);
    await writeFile(join(path, 'package-lock.json'), JSON.stringify({ packages: lock }));
    if (present) {
      for (const folder of Object.keys(present))
        await mkdir(join(path, folder), { recursive: true });
      await mkdir(join(path, 'node_modules'), { recursive: true });
      const record = join(path, 'node_modules/.package-lock.json');
      await writeFile(record, JSON.stringify({ packages: present }));
    }
    const loaded = (await import(pathToFileURL(script).href)) as {
      npmPackagesAreStale(options: object): boolean;
    };
    return loaded.npmPackagesAreStale(options);
  }

  it('are fresh when they are those of the lock file, other platforms aside', async () => {
    assert.equal(await stale(everything), false);
  });

  it('are stale without npm’s own record, as an interrupted npm ci leaves them', async () => {
    assert.equal(await stale(undefined), true);
  });

  it('are stale when one is missing or of other content', async () => {
    assert.equal(await stale({ 'node_modules/b': entry }), true);
    assert.equal(
      await stale({ ...everything, 'node_modules/a': { ...entry, integrity: 'sha512-b' } }),
      true,
    );
  });

  it('need no development packages where nothing is to be built', async () => {
    const production = { 'node_modules/a': entry };
    assert.equal(await stale(production), true);
    assert.equal(await stale(production, { dev: false }), false);
  });
});

describe('build', () => {
  const parts = cleanUp('each');

  /** A small checkout whose tsc and vite are given as shell scripts. */
  async function checkout(tools: { tsc: string; vite: string }): Promise<string> {
    const { path } = parts.add(await makeTempDir('build'));
    await cp(join(root, 'scripts/build.mjs'), join(path, 'scripts/build.mjs'));
    const files = {
      'server/cli.ts': 'export {};\n',
      'client/index.html': '<html></html>\n',
      'tsconfig.json': '{}',
      'package-lock.json': '{}',
      'node_modules/.bin/tsc': `#!/bin/bash\n${tools.tsc}\n`,
      'node_modules/.bin/vite': `#!/bin/bash\n${tools.vite}\n`,
    };
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(path, file)), { recursive: true });
      await writeFile(join(path, file), text, { mode: 0o755 });
    }
    return path;
  }

  const buildIn = (folder: string) =>
    run(process.execPath, [join(folder, 'scripts/build.mjs'), '--if-stale']);
  // The last argument of both is the folder to build into.
  const tsc =
    'mkdir -p "${@: -1}" && echo built >> built.log && cp server/cli.ts "${@: -1}/cli.js"';
  const vite = 'mkdir -p "${@: -1}"';

  it('runs once, and again after a source was changed, added or removed', async () => {
    const folder = await checkout({ tsc, vite });
    const times = async () =>
      (await readFile(join(folder, 'built.log'), 'utf8')).split('\n').length - 1;
    await buildIn(folder);
    await buildIn(folder);
    assert.equal(await times(), 1);
    await writeFile(join(folder, 'client/index.html'), '<html>new</html>\n');
    await buildIn(folder);
    assert.equal(await times(), 2);
    await writeFile(join(folder, 'server/more.ts'), '');
    await buildIn(folder);
    assert.equal(await times(), 3);
    await rm(join(folder, 'server/more.ts'));
    await buildIn(folder);
    assert.equal(await times(), 4);
  });

  it('that failed half-way is no build, and is tried again', async () => {
    const folder = await checkout({ tsc, vite: 'echo no page; exit 1' });
    const first = await buildIn(folder);
    assert.equal(first.code, 1);
    assert.match(first.stderr, /no page.*vite build client .*failed/s);
    assert.equal((await buildIn(folder)).code, 1);
  });

  it('that fails leaves the one before it in place', async () => {
    const folder = await checkout({ tsc, vite });
    await buildIn(folder);
    await writeFile(join(folder, 'server/cli.ts'), 'changed');
    await writeFile(join(folder, 'node_modules/.bin/vite'), '#!/bin/sh\nexit 1\n');
    await buildIn(folder);
    assert.equal(await readFile(join(folder, 'dist/server/cli.js'), 'utf8'), 'export {};\n');
  });

  it('does not keep what a removed source had become', async () => {
    const folder = await checkout({ tsc, vite });
    await mkdir(join(folder, 'dist/server'), { recursive: true });
    await writeFile(join(folder, 'dist/server/gone.js'), '');
    await buildIn(folder);
    await assert.rejects(readFile(join(folder, 'dist/server/gone.js')), { code: 'ENOENT' });
  });
});

describe('.ci/run', () => {
  const parts = cleanUp('each');

  /** Runs it with an npm that does as it is told: $output is where mocha's reporter writes. */
  async function ci(npm: { check: string; test: string }): Promise<Ended & { last: string }> {
    const { path } = parts.add(await makeTempDir('ci'));
    await cp(join(root, '.ci/run'), join(path, '.ci/run'));
    const script = `#!/bin/bash
      arguments="$*"
      case "$arguments" in
        *check*) ${npm.check} ;;
        *) output=\${arguments##*output=}; ${npm.test} ;;
      esac`;
    await mkdir(join(path, 'bin'));
    await writeFile(join(path, 'bin/npm'), script);
    await chmod(join(path, 'bin/npm'), 0o755);
    const env = { ...process.env, PATH: `${join(path, 'bin')}:${process.env['PATH']}` };
    const ended = await run(join(path, '.ci/run'), [], { env });
    return { ...ended, last: ended.stdout.trimEnd().split('\n').at(-1) ?? '' };
  }

  it('ends with mocha’s own count', async () => {
    const { code, last } = await ci({ check: 'true', test: 'echo 7 0 > "$output"' });
    assert.deepEqual([code, last], [0, '7 passed, 0 failed']);
  });

  it('runs the tests and counts them although the checks failed, and fails', async () => {
    const { code, last } = await ci({ check: 'false', test: 'echo 7 0 > "$output"' });
    assert.deepEqual([code, last], [1, '7 passed, 0 failed']);
  });

  it('fails when a test does', async () => {
    const { code, last } = await ci({ check: 'true', test: 'echo 6 2 > "$output"; exit 2' });
    assert.deepEqual([code, last], [1, '6 passed, 2 failed']);
  });

  it('counts a mocha that did not get to its end as a failure', async () => {
    const { code, last } = await ci({ check: 'true', test: 'exit 1' });
    assert.deepEqual([code, last], [1, '0 passed, 1 failed']);
  });

  it('fails when no test ran', async () => {
    const { code, last } = await ci({ check: 'true', test: 'echo 0 0 > "$output"' });
    assert.deepEqual([code, last], [1, '0 passed, 0 failed']);
  });
});

describe('npm start', () => {
  const parts = cleanUp('each');

  it('is the gateway: a SIGTERM to npm ends it, exit 0', async function () {
    this.timeout(30_000);
    const dir = parts.add(await makeTempDir('npm-start'));
    const env = {
      ...process.env,
      RACKSIDE_LISTEN_PORT: '0',
      RACKSIDE_DATA_DIR: await mkdtemp(join(dir.path, 'data-')),
    };
    const npm = spawn('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    parts.add(() => npm.kill('SIGKILL'));
    let url: string | undefined;
    for await (const line of createInterface(npm.stdout)) {
      if (!line.includes('"listening"')) continue;
      ({ url } = JSON.parse(line) as { url: string });
      break;
    }
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    npm.stdout.resume();
    npm.kill('SIGTERM');
    assert.deepEqual(await once(npm, 'exit'), [0, null]);
    await assert.rejects(fetch(`${url}/healthz`));
  });
});
