import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { before, describe, it } from 'mocha';
import { childEnvironment } from '../../server/platform/child-process.ts';
import { cleanUp } from '../support/dispose.ts';
import { inTempDir } from '../support/temp-dir.ts';
import { HetznerSimulator } from './hetzner.ts';

const run = promisify(execFile);

/** What the cloud's own client thinks of the simulator: it is Debian's, not ours. */
describe("the simulator of Hetzner's cloud, asked by hcloud", () => {
  const parts = cleanUp();
  let simulator: HetznerSimulator;
  let home: string;

  before(async () => {
    simulator = await parts.start(HetznerSimulator.start());
    home = (await parts.start(inTempDir('hcloud', async (dir) => dir))).path;
    for (let count = 1; count <= 51; count += 1) simulator.cloud.add({ name: `web${count}` });
  });

  async function hcloud(line: string, token = simulator.token): Promise<string> {
    const { stdout, stderr } = await run(
      'hcloud',
      ['--poll-interval', '10ms', ...line.split(' ')],
      {
        env: {
          ...childEnvironment(),
          HOME: home,
          HCLOUD_ENDPOINT: simulator.url,
          HCLOUD_TOKEN: token,
        },
        timeout: 20_000,
      },
    );
    return stdout + stderr;
  }
  const refused = (line: string, how: RegExp, token?: string) =>
    assert.rejects(hcloud(line, token), how);

  it('lists servers over pages, all and by label', async () => {
    const all = JSON.parse(await hcloud('server list -o json')) as unknown[];
    assert.equal(all.length, 51);
    await hcloud('server add-label web3 customer=anna');
    const some = await hcloud('server list -l customer=anna -o columns=name,status');
    assert.match(some, /^NAME +STATUS\nweb3 +running\n$/);
    await hcloud('server remove-label web3 customer');
    assert.doesNotMatch(await hcloud('server list -l customer -o columns=name'), /web3/);
  });

  it('switches a server off and on, and refuses what its state does not allow', async () => {
    assert.match(await hcloud('server poweroff web1'), /stopped/);
    assert.match(await hcloud('server describe web1'), /Status:\s+off/);
    await refused('server reset web1', /server_not_started/);
    await refused('server request-console web1', /server_not_started/);
    assert.match(await hcloud('server poweron web1'), /started/);
    assert.match(await hcloud('server describe web1'), /Status:\s+running/);
  });

  it('gives a console with a URL and a password', async () => {
    const said = await hcloud('server request-console web2');
    assert.match(said, /WebSocket URL: ws:\/\/127\.0\.0\.1:\d+\/\?server_id=\d+&token=[0-9a-f-]+/);
    assert.match(said, /VNC Password: [0-9a-f]{32}/);
  });

  it('makes and deletes servers', async () => {
    const made = await hcloud(
      'server create --name shop --type cx22 --image debian-12 --datacenter nbg1-dc3 --label a=b',
    );
    assert.match(made, /created[\s\S]*Root password/);
    assert.match(await hcloud('server describe shop'), /nbg1-dc3[\s\S]*a: b/);
    await refused('server create --name shop --type cx22 --image debian-12', /uniqueness_error/);
    assert.match(await hcloud('server delete shop'), /deleted/);
    assert.match(await hcloud('image list'), /debian-12[\s\S]*ubuntu-24\.04/);
    assert.match(await hcloud('datacenter list'), /fsn1-dc14[\s\S]*nbg1-dc3/);
  });

  it('refuses a wrong token, and a read-only one what it may not do', async () => {
    await refused('server list', /unauthorized/, 'wrong');
    assert.match(await hcloud('server list', simulator.readOnlyToken), /web51/);
    await refused('server poweroff web1', /token_readonly/, simulator.readOnlyToken);
  });

  it('refuses who asks too often', async () => {
    const small = await HetznerSimulator.start({ rate: { limit: 2, perSecond: 0.01 } });
    parts.add(small);
    const headers = { authorization: `Bearer ${small.token}` };
    const ask = () => fetch(`${small.url}/servers`, { headers });
    assert.deepEqual([(await ask()).status, (await ask()).status], [200, 200]);
    const last = await ask();
    assert.equal(last.status, 429);
    assert.equal(last.headers.get('ratelimit-remaining'), '0');
    assert.equal(small.bucket.refused, 1);
  });
});
