import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { before, describe, it } from 'mocha';
import { loadConfig } from '../../server/config.ts';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { runCli } from './support/run-cli.ts';

/** As hetzner-console's `scramble` writes its token: compressed, masked, and the mask beside it. */
function scrambled(token: string): string {
  const plain = deflateSync(token, { level: 1 });
  const mask = randomBytes(plain.length);
  const masked = plain.map((byte, at) => byte ^ (mask[at] ?? 0));
  return `${Buffer.from(masked).toString('base64')} ${mask.toString('base64')}`;
}

describe('rackside import hetzner-console', function () {
  this.timeout(60_000);
  const parts = cleanUp();
  const token = randomBytes(32).toString('hex');
  const setup = {
    ...{ token: scrambled(token), dc: 'fsn1-dc8', typ: 'cx11', os: 'ubuntu-18.04' },
    ...{ label: 'managed', prefix: 'm-', driver: 'mongo', console: '-', complete: 'ok' },
    ...{ mongo_db: 'hetzner', mongo_cap: '100000' },
  };
  let home: string;

  before(async () => {
    home = (await parts.start(makeTempDir('import-hc'))).path;
  });

  const run = async (config: string, ...words: string[]) => {
    await writeFile(join(home, '.hcloud-console.conf'), config);
    return runCli(['import', 'hetzner-console', ...words], { env: { HOME: home } });
  };

  it('carries token, label and prefix over into a section that loads, and names the rest', async () => {
    const yaml = join(home, 'rackside.yaml');
    const secrets = join(home, 'secrets');
    const config = JSON.stringify(setup);
    const { code, stdout, stderr } = await run(config, '-o', yaml, '--secrets', secrets);
    assert.deepEqual([code, stdout], [0, ''], stderr);
    const [section] = loadConfig(yaml, {}).providers;
    assert.ok(section?.type === 'hetzner');
    assert.equal(section.apiToken.reveal(), token);
    assert.deepEqual([section.label, section.namePrefix], ['managed=1', 'm-']);
    for (const key of ['dc', 'typ', 'os', 'driver', 'mongo_db', 'mongo_cap']) {
      assert.match(stderr, new RegExp(`\\.hcloud-console\\.conf: ${key}: `));
    }
    assert.doesNotMatch(stderr, /conf: (console|complete|token):/);
  });

  it('ends with 2 for a file that is none, and shows nothing of what it holds', async () => {
    for (const [config, named] of [
      ['{"token": "geheim" "x": 1}', /line 1, column 20: is no valid JSON/],
      [JSON.stringify({ ...setup, token: 'Z2VoZWlt Z2VoZWlt' }), /token: expected the API token/],
      [JSON.stringify({ ...setup, token: null }), /token: expected one/],
      [JSON.stringify({ ...setup, label: 'no label' }), /label: expected a label/],
    ] as const) {
      const { code, stdout, stderr } = await run(config);
      assert.deepEqual([code, stdout], [2, ''], config);
      assert.match(stderr, named);
      assert.doesNotMatch(stderr, /geheim|Z2Vo/);
      assert.ok(!stderr.includes(token));
    }
  });

  it('is told where the file is, if it is elsewhere', async () => {
    await mkdir(join(home, 'other'), { recursive: true });
    const { code, stderr } = await runCli(['import', 'hetzner-console', join(home, 'other')]);
    assert.equal(code, 2);
    assert.match(stderr, /other cannot be used:\n {2}cannot be read \(EISDIR\)/);
  });
});
