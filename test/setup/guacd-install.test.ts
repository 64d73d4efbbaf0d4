import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** apt forgets an index without a package. */
const PACKAGES =
  'Package: nothing\nVersion: 1\nArchitecture: all\nFilename: nothing.deb\nSize: 1\n';

interface Release {
  readonly origin: string;
  readonly label: string;
  readonly codename: string;
}

/**
 * An apt of its own in a temporary folder: repositories on disk, and sources that name them. The real
 * apt reads them, so that what is tested is what apt understands.
 */
class Machine {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes a repository of one package and gives its address. */
  async repository(path: string, { origin, label, codename }: Release): Promise<string> {
    const dist = join(this.#folder, path, 'dists', codename);
    await mkdir(join(dist, 'main/binary-amd64'), { recursive: true });
    await writeFile(join(dist, 'main/binary-amd64/Packages'), PACKAGES);
    const sum = createHash('sha256').update(PACKAGES).digest('hex');
    const release = [
      `Origin: ${origin}`,
      `Label: ${label}`,
      `Codename: ${codename}`,
      'Architectures: amd64',
      'Components: main',
      'Date: Sat, 10 Jun 2023 00:00:00 UTC',
      'SHA256:',
      ` ${sum} ${PACKAGES.length} main/binary-amd64/Packages`,
    ];
    await writeFile(join(dist, 'Release'), `${release.join('\n')}\n`);
    return `file:${join(this.#folder, path)}/`;
  }

  /** Writes source files, fetches their lists, and gives the lines that install.sh would add. */
  async printSources(files: Readonly<Record<string, string>>): Promise<string[]> {
    const at = (path: string) => join(this.#folder, path);
    for (const path of [
      'etc/sources',
      'etc/preferences',
      'lists/partial',
      'cache/archives/partial',
    ]) {
      await mkdir(at(path), { recursive: true });
    }
    for (const [name, text] of Object.entries(files)) {
      await writeFile(at(join('etc', name)), text);
    }
    const config = {
      'Dir::Etc::sourcelist': at('etc/sources.list'),
      'Dir::Etc::sourceparts': at('etc/sources'),
      'Dir::Etc::preferencesparts': at('etc/preferences'),
      'Dir::State::lists': at('lists'),
      'Dir::Cache': at('cache'),
      'APT::Architecture': 'amd64',
      'APT::Architectures': 'amd64',
      'APT::Sandbox::User': 'root',
      // No key signs these repositories.
      'Acquire::AllowInsecureRepositories': 'true',
    };
    const lines = Object.entries(config).map(([name, value]) => `${name} "${value}";`);
    await writeFile(
      at('apt.conf'),
      `${['#clear APT::Update::Post-Invoke-Success;', ...lines].join('\n')}\n`,
    );
    const env = { ...process.env, APT_CONFIG: at('apt.conf'), GUACD_INSTALL_CODENAME: 'bookworm' };
    await run('apt-get', ['update'], { env });
    const { stdout } = await run(join(root, 'guacd/install.sh'), ['--print-sources'], { env });
    return stdout.split('\n').filter(Boolean);
  }
}

const debian = { origin: 'Debian', label: 'Debian', codename: 'bookworm' };
const security = { origin: 'Debian', label: 'Debian-Security', codename: 'bookworm-security' };

describe('guacd/install.sh', () => {
  const parts = cleanUp('each');
  let machine: Machine;

  beforeEach(async () => {
    machine = new Machine(parts.add(await makeTempDir('apt')).path);
  });

  it('reads the mirror from one-line sources with comments and options', async () => {
    const mirror = await machine.repository('mirror', debian);
    const updates = await machine.repository('updates', security);
    const lines = await machine.printSources({
      'sources.list': [
        '# deb file:/nowhere bookworm main',
        `deb [arch=amd64 trusted=yes signed-by=/usr/share/keyrings/mirror.gpg] ${mirror} bookworm main`,
        `#deb-src ${mirror} bookworm main`,
        `deb ${updates} bookworm-security main`,
        '',
      ].join('\n'),
    });
    assert.deepEqual(lines, [
      `deb [signed-by=/usr/share/keyrings/mirror.gpg] ${mirror} bullseye main`,
      `deb ${updates} bullseye-security main`,
    ]);
  });

  it('reads the mirror, and its key, from deb822 sources', async () => {
    const mirror = await machine.repository('mirror', debian);
    const updates = await machine.repository('updates', security);
    const lines = await machine.printSources({
      'sources/debian.sources': [
        '# Types: deb',
        '',
        `Types: deb\nURIs: ${updates}\nSuites: bookworm-security\nComponents: main`,
        '',
        'Types: deb',
        '# a comment between fields',
        `URIs: ${mirror}`,
        'Suites: bookworm',
        'Components: main',
        'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
        'Trusted: yes',
        '',
      ].join('\n'),
    });
    assert.deepEqual(lines, [
      `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror} bullseye main`,
      `deb ${updates} bullseye-security main`,
    ]);
  });

  it('takes every mirror that is named, and no source that is switched off', async () => {
    const first = await machine.repository('first', debian);
    const second = await machine.repository('second', debian);
    const off = await machine.repository('off', debian);
    const lines = await machine.printSources({
      'sources/all.sources': [
        `Types: deb\nURIs: ${first} ${second}\nSuites: bookworm\nComponents: main\n`,
        `Types: deb\nEnabled: no\nURIs: ${off}\nSuites: bookworm\nComponents: main\n`,
      ].join('\n'),
    });
    assert.deepEqual(lines, [`deb ${first} bullseye main`, `deb ${second} bullseye main`]);
  });

  it("never takes another vendor's source for Debian's", async () => {
    const vendor = await machine.repository('vendor/debian', {
      origin: 'Vendor',
      label: 'Debian',
      codename: 'bookworm',
    });
    const mirror = await machine.repository('mirror', debian);
    const lines = await machine.printSources({
      'sources/a-vendor.list': `deb ${vendor} bookworm main\n`,
      'sources/debian.list': `deb ${mirror} bookworm main\n`,
    });
    assert.deepEqual(lines, [`deb ${mirror} bullseye main`]);
  });

  it('says what to do where no source is Debian 12', async () => {
    const vendor = await machine.repository('vendor', { ...debian, origin: 'Vendor' });
    const failed: unknown = await machine
      .printSources({ 'sources.list': `deb ${vendor} bookworm main\n` })
      .catch((error: unknown) => error);
    assert.ok(failed instanceof Error && 'code' in failed && 'stderr' in failed);
    assert.equal(failed.code, 2);
    assert.match(String(failed.stderr), /no mirror of Debian 12.*docker compose up/s);
  });
});

describe('the repository', () => {
  it('names no package host in the scripts and the containers', async () => {
    const folders = ['scripts', 'guacd', '.ci'];
    const files = [
      ...(
        await Promise.all(
          folders.map(async (folder) =>
            (await readdir(join(root, folder))).map((name) => join(folder, name)),
          ),
        )
      ).flat(),
      'Dockerfile',
      'docker-compose.yml',
      'package.json',
      'package-lock.json',
      '.npmrc',
    ];
    for (const file of files) {
      const text = await readFile(join(root, file), 'utf8');
      assert.doesNotMatch(
        text,
        /deb\.debian\.org|archive\.ubuntu|registry\.npmjs|snapshot\.debian/,
        file,
      );
    }
  });
});
