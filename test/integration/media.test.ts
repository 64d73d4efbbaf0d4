import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, beforeEach, describe, it } from 'mocha';
import { type MediaView, mediaView } from '../../server/contract/index.ts';
import { runCli } from '../cli/support/run-cli.ts';
import { RedfishSimulator } from '../simulators/redfish.ts';
import { cleanUp } from '../support/dispose.ts';
import { TestGateway } from '../support/gateway.ts';
import { startRedis } from '../support/redis.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { auditOf, momentLater } from './support/audit.ts';
import { problemOf } from './support/problem.ts';
import { redisContent } from './support/redis-content.ts';
import { configToken } from './support/staff.ts';

const alice = configToken('alice', 'customer');
const staff = configToken('staff', 'support');
const viewer = configToken('viewer', 'support', { actions: ['list', 'open'] });
const boss = configToken('boss', 'admin');

const MIRROR = 'https://mirror.example/iso/';
const IMAGE = randomBytes(300_000);

describe('disk images of a server', () => {
  const suite = cleanUp();
  let gateway: TestGateway;
  let bmc: RedfishSimulator;
  let redis: { url: string };

  before(async () => {
    redis = await suite.start(startRedis());
    bmc = await suite.start(RedfishSimulator.start({ vendor: 'hpe' }));
    const old = await suite.start(RedfishSimulator.start({ vendor: 'supermicro' }));
    const { path } = await suite.start(makeTempDir('images'));
    await writeFile(join(path, 'rescue one.iso'), IMAGE);
    await writeFile(join(path, 'notes.txt'), 'none of their business');
    await writeFile(join(path, '.hidden.iso'), 'none of their business');
    await symlink('/etc/passwd', join(path, 'passwd.iso'));
    const hosts = [
      { id: 'node', owner: 'alice', ...bmc.section },
      { id: 'old', owner: 'alice', ...old.section },
    ];
    gateway = await suite.start(
      TestGateway.start({
        redis,
        guacd: { host: '127.0.0.1', port: 1 },
        machines: [],
        config: {
          apiTokens: [alice, staff, viewer, boss].map(({ line }) => line),
          images: { path, customerUrls: [MIRROR] },
          providers: [{ id: 'metal', type: 'bmc', hosts }],
        },
      }),
    );
  });

  beforeEach(() => {
    for (const drive of bmc.hardware.media.values()) drive.image = null;
  });

  const path = (id = 'node') => `/machines/${encodeURIComponent(`metal:${id}`)}/media`;
  const insert = (body: object, as = alice.token) => gateway.call('POST', path(), { as, body });
  const inCd = () => bmc.hardware.media.get('CD')?.image ?? '';

  async function media(as = alice.token): Promise<MediaView> {
    const answer = await gateway.call('GET', path(), { as });
    return mediaView.parse(await answer.json());
  }

  it('are those of the folder, and nothing else that is in it', async () => {
    const { drives, images } = await media();
    assert.deepEqual(images, ['rescue one.iso']);
    assert.deepEqual(
      drives.map(({ id, types, image }) => [id, types[0], image]),
      [
        ['CD', 'CD', null],
        ['Floppy', 'Floppy', null],
      ],
    );
    for (const image of ['notes.txt', '.hidden.iso', 'passwd.iso', '../etc/passwd', 'no.iso']) {
      await problemOf(await insert({ image }), 422, 'media_unavailable');
    }
  });

  it('are read by the BMC under a link that nobody guesses, whole or by pieces', async () => {
    const answer = await insert({ image: 'rescue one.iso' });
    assert.deepEqual(await answer.json(), {
      id: 'CD',
      types: ['CD', 'DVD'],
      image: 'rescue one.iso',
    });
    const link = inCd();
    assert.match(link, /\/images\/[\w-]{32}\/rescue%20one\.iso$/);
    const whole = Buffer.from(await (await fetch(link)).arrayBuffer());
    assert.ok(whole.equals(IMAGE));
    const head = await fetch(link, { method: 'HEAD' });
    assert.equal(head.headers.get('content-length'), String(IMAGE.length));
    const piece = await fetch(link, { headers: { range: 'bytes=1000-1999' } });
    assert.equal(piece.status, 206);
    assert.ok(Buffer.from(await piece.arrayBuffer()).equals(IMAGE.subarray(1000, 2000)));
    for (const other of [
      link.replace(/images\/[\w-]+/, `images/${'A'.repeat(32)}`),
      link.replace(/rescue.*/, 'notes.txt'),
      link.replace(/rescue.*/, '..%2F..%2Fetc%2Fpasswd'),
    ]) {
      assert.equal((await fetch(other)).status, 404);
    }
  });

  it('are there as long as they are in the drive, and their link no longer', async () => {
    await insert({ image: 'rescue one.iso' });
    const link = inCd();
    assert.equal((await media()).drives[0]?.image, 'rescue one.iso');
    const out = await gateway.call('DELETE', `${path()}/CD`, { as: alice.token });
    assert.equal(out.status, 204);
    assert.equal(inCd(), '');
    assert.equal((await fetch(link)).status, 404);
    const again = await gateway.call('DELETE', `${path()}/CD`, { as: alice.token });
    assert.equal(again.status, 204);
  });

  it('are shown by their address where somebody else has written one like the gateway’s', async () => {
    const cd = bmc.hardware.media.get('CD');
    if (cd) cd.image = `${gateway.url}/images/x/%E0%A4%A`;
    assert.equal((await media()).drives[0]?.image, `${gateway.url}/images/x/%E0%A4%A`);
    assert.equal((await gateway.call('DELETE', `${path()}/CD`, { as: alice.token })).status, 204);
  });

  it('do not take another’s place', async () => {
    await insert({ image: 'rescue one.iso' });
    const link = inCd();
    await problemOf(await insert({ url: `${MIRROR}a.iso` }), 409, 'media_inserted');
    assert.equal(inCd(), link);
  });

  it('are had from anywhere by staff, by customers from where they may', async () => {
    const url = `${MIRROR}debian.iso?token=secret`;
    assert.equal((await insert({ url })).status, 200);
    assert.equal(inCd(), url);
    assert.equal((await media()).drives[0]?.image, `${MIRROR}debian.iso`);
    for (const inside of ['http://10.0.0.1/secret', 'https://mirror.example/iso/../private/x']) {
      await problemOf(await insert({ url: inside, drive: 'Floppy' }), 403, 'forbidden');
    }
    const own = await insert({ url: 'http://10.0.0.1/tool.img', drive: 'Floppy' }, staff.token);
    assert.equal(own.status, 200);
    assert.deepEqual([(await media()).urls, (await media(staff.token)).urls], [[MIRROR], null]);
  });

  it('are told to the machine’s holder alone, and are in the audit trail', async () => {
    const since = `since=${await momentLater()}`;
    await problemOf(await insert({ image: 'rescue one.iso' }, viewer.token), 403, 'forbidden');
    const shown = await gateway.call('GET', path(), { as: viewer.token });
    await problemOf(shown, 403, 'forbidden');
    await insert({ image: 'rescue one.iso' });
    await gateway.call('DELETE', `${path()}/CD`, { as: alice.token });
    const told = await auditOf(gateway, boss.token, `action=power&${since}`, 3);
    assert.deepEqual(
      told
        .map(({ who, result, detail }) => [who, result, detail].join(' '))
        .filter((line) => line.includes(' ok ')),
      ['alice ok insert rescue one.iso into CD', 'alice ok eject CD'],
    );
  });

  it('get no link for whoever may not insert them', async () => {
    const links = async () =>
      (await redisContent(redis.url)).filter(({ key }) => key.startsWith('rackside:image:')).length;
    const before = await links();
    await problemOf(await insert({ image: 'rescue one.iso' }, viewer.token), 403, 'forbidden');
    const body = { image: 'rescue one.iso' };
    const gone = await gateway.call('POST', path('gone'), { as: alice.token, body });
    await problemOf(gone, 404, 'machine_not_found');
    assert.equal(await links(), before);
  });

  it('need a licence on some, and are not there on others', async () => {
    bmc.hardware.licences.delete('media');
    await problemOf(await insert({ image: 'rescue one.iso' }), 422, 'bmc_license_missing');
    bmc.hardware.licences.add('media');
    const none = await gateway.call('GET', path('old'), { as: alice.token });
    await problemOf(none, 422, 'media_unavailable');
  });

  it('are inserted and ejected by the command line', async function () {
    this.timeout(120_000);
    const cli = (...args: string[]) =>
      runCli(['media', ...args], {
        env: { RACKSIDE_CLI_URL: gateway.url, RACKSIDE_CLI_TOKEN: alice.token },
      });
    assert.equal((await cli('insert', 'node', 'rescue one.iso')).code, 0);
    assert.match(inCd(), /\/images\//);
    const { stdout } = await cli('show', 'node');
    assert.match(stdout, /CD\tCD,DVD\trescue one\.iso\n/);
    assert.match(stdout, /^image: rescue one\.iso$/m);
    assert.equal((await cli('eject', 'node')).code, 0);
    assert.equal(inCd(), '');
  });
});
