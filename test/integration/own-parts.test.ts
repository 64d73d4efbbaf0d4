import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import supertest from 'supertest';
import { cleanUp } from '../support/dispose.ts';
import { PASSWORDS, type TestConsole, type TestGateway, testConfig } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { until } from '../support/until.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import { type Exit, GatewayProcess, serveToItsEnd } from './support/gateway-process.ts';
import { type SeenProcess, descendantsOf, isAlive } from './support/process-view.ts';
import { sessionCookie } from './support/session-cookie.ts';

describe('a gateway with no Redis and no guacd configured', function () {
  this.timeout(40_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let vnc: VncPeer;

  before(async () => {
    vnc = await suite.start(startVnc({ content: 'nothing' }));
    logBook.secret(vnc.password);
  });

  function options(dataDir: string) {
    const { host, port, password } = vnc;
    const machines = [{ id: 'desk', consoles: { vnc: { host, port, password } } }];
    // Its own key as well.
    return { machines, config: { dataDir, keys: undefined } };
  }

  async function serve(dataDir?: string) {
    const dir = dataDir ?? join((await each.start(makeTempDir('data'))).path, 'data');
    const gateway = await each.start(GatewayProcess.serve(options(dir)));
    await ready(gateway);
    return { gateway, dataDir: dir };
  }

  function ready(gateway: TestGateway): Promise<unknown> {
    const answers = async () => (await fetch(`${gateway.url}/readyz`)).status === 200;
    return until(answers, { timeout: 15_000, what: 'readyz' });
  }

  async function shown(gateway: TestGateway, held?: TestConsole) {
    const opened = held ?? (await gateway.openRedeemed({ machine: 'lab:desk' }));
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    return { opened, tunnel };
  }

  /** Without tsx's compiler, which ends by itself a moment after the gateway. */
  const partsOf = (gateway: GatewayProcess) =>
    descendantsOf(gateway.pid).filter(({ name }) => name !== 'esbuild');
  function partOf(gateway: GatewayProcess, name: string): SeenProcess {
    const part = partsOf(gateway).find((process) => process.name === name);
    assert.ok(part, `no ${name} below the gateway`);
    return part;
  }

  async function foldersOf(pid: number): Promise<string[]> {
    return (await readdir(tmpdir())).filter((name) => name.startsWith(`rackside-run-${pid}-`));
  }

  function allEnded(processes: readonly SeenProcess[]): Promise<unknown> {
    const ended = () => !processes.some(isAlive);
    return until(ended, {
      timeout: 5000,
      what: `${processes.map((p) => p.name).join(', ')} to end`,
    });
  }

  async function assertNothingLeft(pid: number, parts: readonly SeenProcess[], exit: Exit) {
    assert.deepEqual(exit, { code: 0, signal: null, stderr: '' });
    assert.deepEqual(parts.filter(isAlive), []);
    assert.deepEqual(await foldersOf(pid), []);
  }

  it('starts its own, keeps them running, and ends them by SIGTERM', async () => {
    const { gateway, dataDir } = await serve();
    const { opened } = await shown(gateway);
    assert.equal((await foldersOf(gateway.pid)).length, 1);

    for (const name of ['redis-server', 'guacd']) {
      const killed = partOf(gateway, name);
      process.kill(killed.pid, 'SIGKILL');
      await allEnded([killed]);
      const another = () => partsOf(gateway).some((part) => part.name === name);
      await until(another, { timeout: 5000, what: `another ${name}` });
      await ready(gateway);
      await shown(gateway, opened);
      await shown(gateway);
    }

    const second = await serveToItsEnd(await testConfig(options(dataDir)));
    assert.equal(second.code, 1);
    assert.match(second.stderr, new RegExp(`in use by another gateway, pid ${gateway.pid}`));
    await shown(gateway, opened);

    const parts = partsOf(gateway);
    const { tunnel } = await shown(gateway);
    const told = gateway.events(opened.id, opened.bearer);
    await told.next();
    const began = Date.now();
    const exit = await gateway.signal('SIGTERM');
    assert.ok(Date.now() - began < 10_000);
    assert.deepEqual(await tunnel.closed, { code: 1012, reason: '513' });
    assert.match(tunnel.text, /5\.error,13\.shutting_down,3\.513;10\.disconnect;$/);
    await told.next().catch(() => undefined);
    await assertNothingLeft(gateway.pid, parts, exit);
  });

  it('ends by SIGINT likewise, as at Ctrl-C', async () => {
    const { gateway } = await serve();
    const parts = partsOf(gateway);
    assert.ok(parts.length >= 2);
    const began = Date.now();
    const exit = await gateway.signal('SIGINT');
    assert.ok(Date.now() - began < 10_000);
    await assertNothingLeft(gateway.pid, parts, exit);
  });

  it('ends in time when its Redis has stopped answering', async () => {
    const { gateway } = await serve();
    await shown(gateway);
    const parts = partsOf(gateway);
    process.kill(partOf(gateway, 'redis-server').pid, 'SIGSTOP');
    const began = Date.now();
    const exit = await gateway.signal('SIGTERM');
    assert.ok(Date.now() - began < 10_000);
    await assertNothingLeft(gateway.pid, parts, exit);
  });

  it('killed: its parts end with it, and the next start finds sessions and consoles', async () => {
    const { gateway, dataDir } = await serve();
    const { opened, tunnel } = await shown(gateway);
    const login = { username: 'alice', password: PASSWORDS.alice };
    const signedIn = await supertest(gateway.url).post('/api/v1/login').send(login).expect(200);
    const cookie = sessionCookie(signedIn).split(';')[0] ?? '';
    const parts = partsOf(gateway);
    await gateway.signal('SIGKILL');
    await tunnel.closed;
    await allEnded(parts);

    const next = (await serve(dataDir)).gateway;
    assert.deepEqual(await foldersOf(gateway.pid), []);
    assert.equal((await next.view(opened.id)).expiresAt, opened.expiresAt);
    await supertest(next.url).get('/api/v1/me').set('Cookie', cookie).expect(200);
    // Nobody is there any more: the dead gateway's tunnel is given up once it counts as dead.
    const state = async () => (await next.view(opened.id)).state;
    await until(async () => (await state()) === 'detached', {
      timeout: 20_000,
      what: 'the console to be detached',
    });
    const { tunnel: again } = await shown(next, opened);
    await until(async () => (await state()) === 'connected', { timeout: 5000, what: 'connected' });
    again.stop();
    await until(async () => (await state()) === 'detached', { timeout: 5000, what: 'detached' });
  });
});

describe('a configuration that cannot be used', () => {
  it('stops the start with exit code 2 and names every fault by its key', async () => {
    const { code, stderr } = await serveToItsEnd({
      listen: { port: 70_000 },
      colour: 'red',
      consoles: { ttl: 'long', tokenTTL: 3 },
      keys: [{ id: 'k1', secret: logBook.secret('c2hvcnQta2V5LW9m') }],
      providers: [
        {
          id: 'lab',
          type: 'static',
          machines: [
            {
              id: 'a',
              location: 'mars',
              consoles: { vnc: { host: 'h', params: { 'no-such': 1 } } },
            },
            { id: 'a', consoles: {} },
          ],
        },
      ],
    });
    assert.equal(code, 2);
    for (const path of [
      'listen.port',
      'colour',
      'consoles.ttl',
      'consoles.tokenTTL',
      'keys.0.secret',
      'providers.0.machines.0.consoles.vnc.params.no-such',
      'providers.0.machines.1.id',
      'providers.0.machines.1.consoles',
    ]) {
      assert.match(stderr, new RegExp(`^ +${path.replaceAll('.', '\\.')}: \\S+ \\S+`, 'm'));
    }
    assert.doesNotMatch(stderr, /^ +at /m, 'no stack');
    logBook.assertHoldsNoSecret(stderr, 'the message');
  });
});
