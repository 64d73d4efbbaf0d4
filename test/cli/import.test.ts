import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'mocha';
import { checkSection } from '../../server/cli/import/check-section.ts';
import { idsOf } from '../../server/cli/import/machine-ids.ts';
import { loadConfig } from '../../server/config.ts';
import { ID_PATTERN } from '../../server/providers/provider.ts';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { runCli } from './support/run-cli.ts';

const TABLE = 'name,kind,host,password\ndesk,ssh,10.0.0.1,geheim-1\nhall,vnc,10.0.0.2,"geheim\n"\n';

describe('rackside import', function () {
  this.timeout(120_000);
  const parts = cleanUp('each');
  let folder: string;
  let yaml: string;
  let secrets: string;

  beforeEach(async () => {
    folder = (await parts.start(makeTempDir('import'))).path;
    yaml = join(folder, 'rackside.yaml');
    secrets = join(folder, 'etc/secrets');
  });

  const run = (table: string, ...words: string[]) =>
    runCli(['import', 'csv', '-', ...words], { stdin: table });
  const passwordsIn = (file: string) =>
    loadConfig(file, {}).providers.flatMap((section) =>
      section.type === 'static'
        ? section.machines.map(({ consoles: { ssh, vnc } }) => (ssh ?? vnc)?.password?.reveal())
        : [],
    );
  const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

  it('puts secrets into files that only their owner reads, and never on a screen', async () => {
    const { code, stdout, stderr } = await run(TABLE, '--secrets', secrets, '--id', 'lab');
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stdout + stderr, /geheim/);
    await writeFile(yaml, stdout);
    assert.deepEqual(passwordsIn(yaml), ['geheim-1', 'geheim\n']);
    const names = await readdir(join(secrets, 'lab'));
    assert.deepEqual(names.toSorted(), ['desk.ssh.password', 'hall.vnc.password']);
    assert.equal(await modeOf(join(secrets, 'lab')), '700');
    for (const name of names) assert.equal(await modeOf(join(secrets, 'lab', name)), '600');
  });

  it('warns of secrets in the section, and lets nobody else read the file', async () => {
    const { code, stdout, stderr } = await run(TABLE, '-o', yaml);
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /the section holds secrets: with --secrets FOLDER/);
    assert.doesNotMatch(stderr, /geheim/);
    assert.equal(await modeOf(yaml), '600');
    assert.equal(passwordsIn(yaml)[0], 'geheim-1');
  });

  it("warns of secrets in guacd's parameters, which can be in no files of their own", async () => {
    const params = 'rdp params gateway-password,vnc params sftp-passphrase,ssh params private-key';
    const table = `name,host,rdp host,vnc host,ssh host,${params},ssh params font-size
      desk,,h,h,h, geheim-1,geheim-2,geheim-3,12\n`.replace(/\n +/, '\n');
    for (const more of [[], ['--secrets', secrets]]) {
      const { code, stdout, stderr } = await run(table, '-o', yaml, '--force', ...more);
      assert.deepEqual([code, stdout], [0, ''], stderr);
      assert.match(
        stderr,
        /^the section holds secrets in params, which have no files of their own/m,
      );
      assert.doesNotMatch(stderr, /geheim|--secrets FOLDER/);
      assert.equal(await modeOf(yaml), '600');
      const [section] = loadConfig(yaml, {}).providers;
      assert.ok(section?.type === 'static');
      const { rdp, vnc, ssh } = section.machines[0]?.consoles ?? {};
      assert.deepEqual(
        [rdp?.params, vnc?.params, ssh?.params].map((one) => ({ ...one })),
        [
          { 'gateway-password': ' geheim-1' },
          { 'sftp-passphrase': 'geheim-2' },
          { 'private-key': 'geheim-3', 'font-size': '12' },
        ],
      );
    }
  });

  it('lets nobody else read secrets that it writes over a file that everybody could', async () => {
    await writeFile(yaml, 'providers: []\n', { mode: 0o644 });
    const { code, stderr } = await run(TABLE, '-o', yaml, '--force');
    assert.equal(code, 0, stderr);
    assert.equal(await modeOf(yaml), '600');
  });

  it('overwrites neither a file nor a secret unless it is forced to', async () => {
    const args = ['-o', yaml, '--secrets', secrets];
    assert.equal((await run(TABLE, ...args)).code, 0);
    const before = await readFile(yaml, 'utf8');
    const changed = TABLE.replace('geheim-1', 'geheim-2');
    const refused = await run(changed, ...args);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /rackside\.yaml, .*desk\.ssh\.password: there already; --force/);
    const other = await run(changed, '--secrets', secrets);
    assert.deepEqual([other.code, other.stdout], [2, '']);
    assert.deepEqual([await readFile(yaml, 'utf8'), passwordsIn(yaml)[0]], [before, 'geheim-1']);
    await chmod(join(secrets, 'csv/desk.ssh.password'), 0o644);
    assert.equal((await run(changed, ...args, '--force')).code, 0);
    assert.equal(passwordsIn(yaml)[0], 'geheim-2');
    assert.equal(await modeOf(join(secrets, 'csv/desk.ssh.password')), '600');
  });

  it('goes into a configuration, whose comments and other sections stay', async () => {
    const lab = '  - id: lab # keep me\n    type: static\n    machines: []\n';
    await writeFile(yaml, `# ours\nlisten: { port: 0 }\nproviders:\n  # of the lab\n${lab}`);
    await chmod(yaml, 0o640);
    const added = await run(TABLE, '--into', yaml, '--secrets', secrets);
    assert.equal(added.code, 0, added.stderr);
    const text = await readFile(yaml, 'utf8');
    assert.ok(text.startsWith(`# ours\nlisten: { port: 0 }\nproviders:\n  # of the lab\n${lab}`));
    assert.deepEqual(passwordsIn(yaml).length, 2);
    assert.equal(await modeOf(yaml), '640');

    const one = TABLE.split('\n', 2).join('\n');
    const again = await run(one, '--into', yaml, '--secrets', secrets);
    assert.match(again.stderr, /^csv: 1 machine, in the place of the section that was there/m);
    assert.deepEqual(passwordsIn(yaml), ['geheim-1']);
    assert.match(await readFile(yaml, 'utf8'), /# keep me/);
    const fresh = join(folder, 'fresh.yaml');
    assert.equal((await run(TABLE, '--into', fresh, '--secrets', secrets)).code, 0);
    assert.equal(passwordsIn(fresh).length, 2);
  });

  it('leaves a configuration alone that would not load any more, or is none', async () => {
    const hz = 'providers:\n  - { id: csv, type: hetzner, apiToken: x }\n';
    for (const [before, table, message] of [
      [hz, TABLE, /has a section csv of another type: choose another --id, or --force/],
      [
        'listen: {}\n',
        `${TABLE.split('\n', 1)[0]},location\na,ssh,h,,nl\n`,
        /unknown location "nl"/,
      ],
      ['providers: none\n', TABLE, /providers: expected a list/],
      ['- a\n', TABLE, /expected keys and their values/],
      ['redis: { geheim: [\n', TABLE, /line \d, column \d+: is no valid YAML/],
    ] as const) {
      await writeFile(yaml, before);
      const { code, stdout, stderr } = await run(table, '--into', yaml, '--secrets', secrets);
      assert.deepEqual([code, stdout], [2, ''], before);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /geheim/);
      assert.equal(await readFile(yaml, 'utf8'), before);
    }
    await assert.rejects(stat(secrets), { code: 'ENOENT' });
  });

  it('takes an id that can be one, and one place to write to', async () => {
    for (const words of [
      ['--id', '../x'],
      ['-o', yaml, '--into', yaml],
    ]) {
      const { code, stdout } = await run(TABLE, ...words);
      assert.deepEqual([code, stdout], [2, ''], words.join(' '));
    }
    await mkdir(yaml);
    const { code, stderr } = await run(TABLE, '-o', yaml, '--force');
    assert.deepEqual([code, /rackside\.yaml cannot be written/.test(stderr)], [1, true]);
  });
});

describe('a section to be written', () => {
  it('may name a location for itself, for a machine and for a host: which guacd is there is not its to say', () => {
    const bmc = { id: 'metal', type: 'bmc', username: 'ADMIN', password: 'geheim' };
    checkSection({ ...bmc, location: 'nl', hosts: [] });
    checkSection({ ...bmc, hosts: [{ id: 'u12', address: '10.0.4.12', location: 'nl' }] });
    const ssh = { host: '10.0.0.1' };
    const machine = { id: 'desk', location: 'nl', consoles: { ssh } };
    checkSection({ id: 'lab', type: 'static', machines: [machine] });
  });
});

describe('ids of names', () => {
  it('are the names where they can be, and stay what they are whatever else there is', () => {
    const names = [
      'web1',
      'Büro 1',
      '数据库',
      '服务器',
      'a'.repeat(70),
      'x y',
      'x-y',
      'x  y',
      '-',
      '',
    ];
    const ids = idsOf(names);
    assert.equal(new Set(ids.values()).size, names.length);
    for (const id of ids.values()) assert.match(id, ID_PATTERN);
    assert.deepEqual(
      ['web1', 'Büro 1', 'x-y'].map((name) => ids.get(name)),
      ['web1', 'Buro-1', 'x-y'],
    );
    assert.match(ids.get('x y') ?? '', /^x-y-[0-9a-f]{8}$/);
    assert.deepEqual(idsOf(names.toReversed()).get('x y'), ids.get('x y'));
    assert.equal(idsOf(['数据库']).get('数据库'), ids.get('数据库'));
    assert.match(idsOf(['web1'], new Set(['web1'])).get('web1') ?? '', /^web1-[0-9a-f]{8}$/);
  });
});
