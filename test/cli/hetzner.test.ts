import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { HetznerSimulator } from '../simulators/hetzner.ts';
import { cleanUp } from '../support/dispose.ts';
import { startRedis } from '../support/redis.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { runCli } from './support/run-cli.ts';

describe('rackside hetzner', () => {
  const parts = cleanUp();
  let simulator: HetznerSimulator;
  let config: string;

  before(async () => {
    const [redis, dir] = await Promise.all([
      parts.start(startRedis()),
      parts.start(makeTempDir('hetzner')),
    ]);
    simulator = await parts.start(HetznerSimulator.start());
    config = join(dir.path, 'rackside.yaml');
    const hz = {
      id: 'hz',
      type: 'hetzner',
      apiToken: simulator.token,
      baseUrl: simulator.url,
      label: 'console=yes',
      namePrefix: 'cust-',
    };
    await writeFile(config, JSON.stringify({ redis: { url: redis.url }, providers: [hz] }));
  });

  const hetzner = (...words: string[]) => runCli(['hetzner', ...words, '--config', config]);

  it('makes servers, names what there is, and deletes nothing unless it is meant so', async function () {
    this.timeout(60_000);
    const made = await hetzner('create', 'cust-shop', '-i', 'ubuntu-24.04', '-d', 'nbg1-dc3');
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, /^192\.0\.2\.\d+\n2001:db8:.*\n$/);
    assert.match(made.stderr, /^root password: [0-9a-f]{24}$/m);
    const [images, killed, wrong] = await Promise.all([
      hetzner('images'),
      hetzner('kill', 'cust-shop'),
      hetzner('create', 'shop'),
    ]);
    assert.equal(images.stdout, 'debian-12\nubuntu-24.04\n');
    assert.equal(killed.code, 2);
    assert.equal(wrong.code, 3);
    assert.match(wrong.stderr, /^hz: names of new servers begin with cust-$/m);
    assert.deepEqual(
      simulator.cloud.servers.map(({ name }) => name),
      ['cust-shop'],
    );
  });
});
