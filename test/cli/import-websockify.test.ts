import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'mocha';
import { parse } from 'yaml';
import { parseConfig } from '../../server/config.ts';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { runCli } from './support/run-cli.ts';

describe('rackside import websockify', function () {
  this.timeout(60_000);
  const parts = cleanUp('each');
  let folder: string;

  beforeEach(async () => {
    folder = join((await parts.start(makeTempDir('import-ws'))).path, 'tokens');
    await mkdir(folder);
  });

  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  const run = (...words: string[]) => runCli(['import', 'websockify', ...words]);
  const sectionOf = (yaml: string) => {
    const [section] = parseConfig(parse(yaml), 'the section').providers;
    assert.ok(section?.type === 'websockify');
    return section;
  };

  it('points to the folder, and names the lines that lead nowhere without showing them', async () => {
    await write('one-7', '# vm 7\nabcdefghijklmnop: kvm1:5907\nzyxwvutsrqponmlk: kvm1:5917\n');
    await write('one-8', 'geheimgeheim kvm1:5908\n');
    await write('.one-9.swp', '');
    const { code, stdout, stderr } = await run(folder, '--id', 'sunstone');
    assert.equal(code, 0, stderr);
    const section = sectionOf(stdout);
    assert.deepEqual([section.id, section.path, section.machines], ['sunstone', folder, undefined]);
    assert.equal(section.links, undefined);
    assert.match(stderr, /one-8:1: line: is not `token: host:port`/);
    assert.match(stderr, /\.one-9\.swp: name: /);
    assert.match(stderr, /tokens: old links \?token=… open nothing; with --links they do/);
    assert.match(stderr, /^sunstone: 2 tokens of 1 machines/m);
    assert.doesNotMatch(stderr, /geheim/);
  });

  it('goes on past a link that leads nowhere, and names it', async () => {
    await write('one-7', 'abcdefghijklmnop: kvm1:5907\n');
    await symlink(join(folder, 'gone'), join(folder, 'one-8'));
    await mkdir(join(folder, 'old'));
    const { code, stdout, stderr } = await run(folder);
    assert.equal(code, 0, stderr);
    assert.equal(sectionOf(stdout).path, folder);
    assert.match(stderr, /one-8: file: cannot be read \(ENOENT\), by the gateway neither/);
    assert.doesNotMatch(stderr, /tokens\/old/);
  });

  it('makes each line a machine where a file has several, and opens old links when told', async () => {
    await write('tokens.cfg', 'short: a:5900\nabcdefghijklmnop: [::1]:5901\n');
    for (const path of [folder, join(folder, 'tokens.cfg')]) {
      const { code, stdout, stderr } = await run(path, '--links');
      assert.equal(code, 0, stderr);
      const section = sectionOf(stdout);
      assert.equal(section.machines, path === folder ? 'lines' : undefined);
      assert.deepEqual(section.links, { user: 'token-link', readOnly: false });
      assert.match(stderr, /tokens: 1 of fewer than 12 characters open nothing/);
    }
    const told = await run(folder, '--machines', 'files');
    assert.equal(sectionOf(told.stdout).machines, undefined);
  });

  it('ends with 2 for a folder that is not there, or leads nowhere', async () => {
    await write('one-8', 'geheimgeheim\n');
    for (const [path, message] of [
      [folder, /one-8:1: line: [^]*expected lines of `token: host:port`/],
      [join(folder, 'none'), /none cannot be used:\n {2}cannot be read \(ENOENT\)/],
    ] as const) {
      const { code, stdout, stderr } = await run(path);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, message);
    }
  });
});
