import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'mocha';
import { WebsockifyProvider } from '../../server/providers/websockify/index.ts';
import {
  type WebsockifyConfig,
  websockifyConfig,
} from '../../server/providers/websockify/schema.ts';
import { cleanUp } from '../support/dispose.ts';
import { logBook } from '../support/log-book.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { until } from '../support/until.ts';
import { providerContext } from './support/context.ts';

const newToken = () => logBook.secret(randomBytes(12).toString('hex'));

describe('the token folder of websockify', () => {
  const each = cleanUp('each');
  let folder: string;
  let changes: number;

  beforeEach(async () => {
    folder = (await each.start(makeTempDir('tokens'))).path;
    changes = 0;
  });

  function provider(config: Partial<WebsockifyConfig> & { path?: string } = {}) {
    const tree = { id: 'sunstone', type: 'websockify', path: folder, links: {}, ...config };
    const refresh = () => void (changes += 1);
    return each.add(
      new WebsockifyProvider(websockifyConfig.parse(tree), providerContext({ refresh })),
    );
  }
  const write = (name: string, text: string) => writeFile(join(folder, name), text);
  const ids = async (of: WebsockifyProvider) => (await of.list()).map(({ id }) => id).toSorted();
  const endpoint = (of: WebsockifyProvider, machineId: string) => {
    const signal = AbortSignal.timeout(5000);
    const quiet = { onStep: () => undefined, onFault: () => undefined };
    return of.resolve({ machineId, kind: 'vnc', signal, ...quiet });
  };

  it('has a machine for each file, its endpoint, and no token in what it says', async () => {
    const token = newToken();
    await write('one-7', `${token}: kvm1:5907\n`);
    await write('Büro 3', `${newToken()}: kvm2:5908`);
    await write('.one-8.swp', `${newToken()}: kvm1:5908`);
    await write('one-9~', `${newToken()}: kvm1:5909`);
    await mkdir(join(folder, 'sub'));
    const sunstone = provider({ owner: 'alice', location: 'nl' });
    const listed = (await sunstone.list()).map(({ id, name }) => [id, name] as const);
    assert.deepEqual(
      new Map(listed.map(([id, name]) => [name, id])),
      new Map([
        ['Büro 3', 'B-ro-3-8d1d568473'],
        ['one-7', 'one-7'],
      ]),
    );
    const machine = await sunstone.get('one-7');
    assert.deepEqual(
      [machine?.owner, machine?.location, machine?.consoles],
      ['alice', 'nl', ['vnc']],
    );
    assert.ok(!JSON.stringify(await sunstone.list()).includes(token));
    const { host, port, parameters } = await endpoint(sunstone, 'one-7');
    assert.deepEqual([host, port, parameters], ['kvm1', 5907, {}]);
    assert.equal(await sunstone.links?.machineOf(token), 'one-7');
  });

  it('hears of a new file, a new port and one that is gone, without being asked', async () => {
    const sunstone = provider();
    assert.deepEqual(await ids(sunstone), []);
    const heard = async (what: string, change: () => Promise<void>) => {
      const seen = changes;
      await change();
      await until(async () => changes > seen, { timeout: 5000, what });
    };
    await heard('a new file', () => write('one-1', `${newToken()}: kvm1:5901`));
    assert.deepEqual(await ids(sunstone), ['one-1']);
    await heard('a new port', () => write('one-1', `${newToken()}: kvm1:5999`));
    assert.equal((await endpoint(sunstone, 'one-1')).port, 5999);
    await heard('a file that is gone', () => rm(join(folder, 'one-1')));
    assert.deepEqual(await ids(sunstone), []);
  });

  it('knows what was written a moment ago, before anything tells of it', async () => {
    const sunstone = provider();
    await ids(sunstone);
    for (let time = 0; time < 20; time += 1) {
      const token = newToken();
      await write('one-1', `${token}: kvm1:${5900 + time}`);
      assert.equal(await sunstone.links?.machineOf(token), 'one-1', `time ${time}`);
      assert.equal((await endpoint(sunstone, 'one-1')).port, 5900 + time);
    }
  });

  it('lets an old token in no more once the file has another', async () => {
    const [old, token] = [newToken(), newToken()];
    await write('one-1', `${old}: kvm1:5901`);
    const sunstone = provider();
    assert.equal(await sunstone.links?.machineOf(old), 'one-1');
    await write('one-1', `${token}: kvm1:5901`);
    assert.equal(await sunstone.links?.machineOf(old), undefined);
    await rm(join(folder, 'one-1'));
    assert.equal(await sunstone.links?.machineOf(token), undefined);
  });

  it('gives a token that two files have to the file that was written last', async () => {
    const token = newToken();
    await write('one-1', `${token}: kvm1:5901`);
    await write('one-2', `${token}: kvm1:5902`);
    await utimes(join(folder, 'one-2'), 1, 1);
    assert.equal(await provider().links?.machineOf(token), 'one-1');
  });

  it('opens nothing by a token that can be guessed, nor without `links`', async () => {
    await write('one-1', 'vm1: kvm1:5901');
    assert.equal(await provider().links?.machineOf('vm1'), undefined);
    assert.equal(provider({ links: undefined }).links, undefined);
  });

  it('takes one file with a line for each machine, also one that is replaced', async () => {
    const path = join(folder, 'tokens.cfg');
    const token = newToken();
    await write('tokens.cfg', `${token}: kvm1:5901\n${newToken()}: [2001:db8::5]:5900\n`);
    const panel = provider({ path });
    const v6 = (await panel.list()).find(({ name }) => name === '[2001:db8::5]:5900')?.id ?? '';
    assert.match(v6, /^2001-db8-5-5900-[0-9a-f]{10}$/);
    assert.deepEqual(await ids(panel), [v6, 'kvm1-5901']);
    assert.equal((await endpoint(panel, v6)).host, '2001:db8::5');
    assert.equal(await panel.links?.machineOf(token), 'kvm1-5901');
    await write('next', `${newToken()}: kvm3:5903`);
    await rename(join(folder, 'next'), path);
    assert.ok(await panel.get('kvm3-5903'));
    assert.deepEqual(await ids(panel), ['kvm3-5903']);
  });

  it('says so while the folder is away, and goes on when it is back', async () => {
    await write('one-1', `${newToken()}: kvm1:5901`);
    const sunstone = provider();
    assert.deepEqual(await ids(sunstone), ['one-1']);
    await rm(folder, { recursive: true });
    await assert.rejects(
      async () => {
        await sunstone.get('none');
        await sunstone.list();
      },
      { status: 'provider_unavailable', message: /^sunstone: the token files of .* \(ENOENT\)$/ },
    );
    await mkdir(folder);
    await write('one-2', `${newToken()}: kvm1:5902`);
    const back = async () => {
      return (await ids(sunstone)).includes('one-2');
    };
    await until(back, { timeout: 5000, what: 'the folder to be back' });
    const seen = changes;
    await write('one-3', `${newToken()}: kvm1:5903`);
    await until(async () => changes > seen, {
      timeout: 5000,
      what: 'the new folder to be watched',
    });
  });

  it('keeps thousands of files in memory: a look-up reads one of them', async () => {
    const tokens = Array.from({ length: 3000 }, newToken);
    await Promise.all(tokens.map((token, at) => write(`one-${at}`, `${token}: kvm1:${1000 + at}`)));
    const sunstone = provider();
    assert.equal((await sunstone.list()).length, 3000);
    const began = performance.now();
    for (let at = 0; at < 3000; at += 30) {
      assert.equal(await sunstone.links?.machineOf(tokens[at] ?? ''), `one-${at}`);
    }
    const each100 = performance.now() - began;
    assert.ok(each100 < 1000, `100 look-ups took ${Math.round(each100)} ms`);
  });

  it('says which machine or console there is not', async () => {
    await write('one-1', `${newToken()}: kvm1:5901`);
    await write('broken', 'this is not a token file');
    const sunstone = provider();
    await assert.rejects(endpoint(sunstone, 'one-2'), { status: 'machine_not_found' });
    await assert.rejects(endpoint(sunstone, 'broken'), { status: 'machine_not_found' });
    const signal = AbortSignal.timeout(5000);
    const quiet = { onStep: () => undefined, onFault: () => undefined };
    await assert.rejects(sunstone.resolve({ machineId: 'one-1', kind: 'ssh', signal, ...quiet }), {
      status: 'console_kind_unavailable',
    });
  });
});
