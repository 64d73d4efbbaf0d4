import assert from 'node:assert/strict';
import { createClient } from '@node-redis/client';
import { before, describe, it } from 'mocha';
import supertest from 'supertest';
import { type ConsoleView, STATUS, type StatusCode } from '../../server/contract/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, PASSWORDS, type TestConsole, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { type SshPeer, startSsh } from '../support/ssh.ts';
import { until } from '../support/until.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import { Door } from './support/door.ts';
import { assertSentence, problemOf, problemOfTest } from './support/problem.ts';
import { sessionCookie } from './support/session-cookie.ts';
import { assertTypes, prompt } from './support/typing.ts';

/** A call that is to fail must not keep its caller waiting for longer. ms */
const PATIENCE = 6000;

describe('when a part fails', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let redis: ServerProcess & { url: string };
  let guacd: ServerProcess;
  let vnc: VncPeer;
  let ssh: SshPeer;
  let door: Door;
  let gateway: TestGateway;

  afterEach(() => door.open());

  before(async function () {
    this.timeout(40_000);
    [redis, guacd, vnc, ssh] = await Promise.all([
      suite.start(startRedis({ appendOnly: true })),
      suite.start(startGuacd()),
      suite.start(startVnc()),
      suite.start(startSsh()),
    ]);
    door = await suite.start(Door.start(vnc));
    const password = logBook.secret(vnc.password);
    const wrong = logBook.secret('wrong-password');
    const { username } = ssh;
    const machines = [
      desk(),
      {
        id: 'locked',
        consoles: {
          vnc: { host: vnc.host, port: vnc.port, password: wrong },
          ssh: { host: ssh.host, port: ssh.port, username, password: wrong },
        },
      },
      {
        id: 'asking',
        consoles: {
          vnc: { host: vnc.host, port: vnc.port },
          ssh: { host: ssh.host, port: ssh.port, username },
        },
      },
      {
        id: 'other-key',
        consoles: {
          ssh: {
            ...{ host: ssh.host, port: ssh.port, username, privateKey: ssh.privateKey },
            params: { 'host-key': `${ssh.hostKeyLine.slice(0, -20)}AAAAAAAAAAAAAAAAAAA=` },
          },
        },
      },
      {
        id: 'nameless',
        consoles: {
          vnc: { host: 'no-such-host.invalid', password },
          ssh: { host: 'no-such-host.invalid', username },
          telnet: { host: 'no-such-host.invalid' },
          rdp: { host: 'no-such-host.invalid', username },
        },
      },
    ];
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines }));
  });

  const desk = () => {
    const { host, port } = door;
    const password = logBook.secret(vnc.password);
    return { id: 'desk', consoles: { vnc: { host, port, password } } };
  };

  async function shown(machine: string, held?: TestConsole) {
    const opened = held ?? (await gateway.openRedeemed({ machine }));
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    await reaches(opened.id, ({ state, error }) => state === 'connected' && error === null);
    return { opened, tunnel };
  }

  /** Kills a server, and starts it again when `meanwhile` is over, however that went. */
  async function without<T>(part: ServerProcess, meanwhile: () => Promise<T>): Promise<T> {
    await part.kill();
    try {
      return await meanwhile();
    } finally {
      await part.restart();
    }
  }

  /** The console once it is as expected. */
  function reaches(id: string, expected: (view: ConsoleView) => boolean): Promise<ConsoleView> {
    const look = async () => {
      const view = await gateway.view(id);
      return expected(view) && view;
    };
    return until(look, { timeout: 3000, what: 'the expected state' });
  }

  /** Asserts that the tunnel tells `code`, and that the API then has it with a sentence. */
  async function assertFails(
    { id, machine }: TestConsole,
    tunnel: { closed: Promise<{ code: number; reason: string }>; text: string },
    code: StatusCode,
  ): Promise<ConsoleView> {
    const { ws, guacamole } = STATUS[code];
    const end = () => tunnel.text.slice(-200);
    assert.deepEqual(await tunnel.closed, { code: ws, reason: String(guacamole) }, end());
    const told = `5.error,${code.length}.${code},${String(guacamole).length}.${guacamole};`;
    assert.ok(tunnel.text.endsWith(`${told}10.disconnect;`), end());
    const view = await reaches(id, ({ error }) => error !== null);
    assert.equal(view.error?.code, code);
    assertSentence(view.error.message);
    assert.ok(view.error.message.startsWith(`${machine}: `), view.error.message);
    logBook.assertHoldsNoSecret(JSON.stringify(view), 'the console');
    logBook.assertHoldsNoSecret(end(), 'the tunnel');
    return view;
  }

  /** Asserts that opening this machine fails for good: another try would fail the same way. */
  async function assertCloses(machine: string, kind: string, code: StatusCode): Promise<void> {
    const opened = await gateway.openRedeemed({ machine, kind });
    const { state, reason } = await assertFails(
      opened,
      each.add(await gateway.tunnel(opened)),
      code,
    );
    assert.deepEqual([state, reason], ['closed', 'failed']);
    const late = await gateway.call('POST', `/consoles/${opened.id}/token`, { as: opened.bearer });
    const { detail } = await problemOf(late, 410, 'console_failed');
    assert.ok(detail.startsWith(`${machine}: `), detail);
  }

  describe('guacd', () => {
    it('killed in mid-session: the page and the API say so, and the console works again', async () => {
      const { opened, tunnel } = await shown('lab:desk');
      const { state } = await without(guacd, () => assertFails(opened, tunnel, 'guacd_lost'));
      assert.equal(state, 'detached');
      await assertTypes((await shown('lab:desk', opened)).tunnel, vnc.home);
    });

    it('down at the opening: it is said, and the same console opens when it is back', async () => {
      const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
      const { state } = await without(guacd, async () =>
        assertFails(opened, each.add(await gateway.tunnel(opened)), 'guacd_unavailable'),
      );
      assert.equal(state, 'ready');
      await shown('lab:desk', opened);
    });
  });

  describe('the machine', () => {
    it('refuses the VNC password: the console is closed, and says why', () =>
      assertCloses('lab:locked', 'vnc', 'target_credentials_refused'));

    it('asks for a VNC password that is not configured: the page is asked, and may try again', async () => {
      const opened = await gateway.openRedeemed({ machine: 'lab:asking' });
      const answered = async (password: string) => {
        const tunnel = each.add(await gateway.tunnel(opened));
        await tunnel.received(/8\.required,8\.password;/);
        tunnel.answer('password', password);
        return tunnel;
      };
      const wrong = await answered(logBook.secret('no-such-password'));
      const { state } = await assertFails(opened, wrong, 'target_credentials_wrong');
      assert.equal(state, 'ready');
      await (await answered(vnc.password)).pictured();
      await reaches(opened.id, (view) => view.state === 'connected' && view.error === null);
    });

    it('asks for one at a read-only console, where nobody can answer: it is closed', async () => {
      const opened = await gateway.openRedeemed({ machine: 'lab:asking', readOnly: true });
      const tunnel = each.add(await gateway.tunnel(opened));
      const { reason } = await assertFails(opened, tunnel, 'target_credentials_refused');
      assert.equal(reason, 'failed');
    });

    it('refuses the SSH password: likewise', () =>
      assertCloses('lab:locked', 'ssh', 'target_credentials_refused'));

    it('asks for an SSH password that is not configured: the user is asked, and may type it', async function () {
      if (ssh.password === undefined) this.skip();
      const opened = await gateway.openRedeemed({ machine: 'lab:asking', kind: 'ssh' });
      const tunnel = each.add(await gateway.tunnel(opened));
      await tunnel.pictured();
      tunnel.typeText(`${logBook.secret(ssh.password)}\n`);
      await prompt(ssh.prompted);
      await assertTypes(tunnel, ssh.home);
    });

    it('shows another SSH host key than the known one: no console', () =>
      assertCloses('lab:other-key', 'ssh', 'target_unsupported'));

    it('is not there at the opening: it is said, and the same console opens later', async () => {
      await door.shut();
      const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
      const tunnel = each.add(await gateway.tunnel(opened));
      const { state } = await assertFails(opened, tunnel, 'target_unreachable');
      assert.equal(state, 'ready');
      await door.open();
      await shown('lab:desk', opened);
    });

    it('has a name that does not resolve: it is said, and the console stays', async () => {
      for (const kind of ['vnc', 'ssh', 'telnet', 'rdp']) {
        const opened = await gateway.openRedeemed({ machine: 'lab:nameless', kind });
        const tunnel = each.add(await gateway.tunnel(opened));
        const { state, error } = await assertFails(opened, tunnel, 'target_unreachable');
        assert.equal(state, 'ready');
        assert.match(error?.message ?? '', /name does not resolve/);
      }
    });

    it('goes in mid-session: it is said, and the console works when it is back', async () => {
      const { opened, tunnel } = await shown('lab:desk');
      await door.shut();
      const { state } = await assertFails(opened, tunnel, 'target_lost');
      assert.equal(state, 'detached');
      const tooEarly = each.add(await gateway.tunnel(opened));
      await tooEarly.closed;
      await reaches(opened.id, ({ error }) => error?.code === 'target_unreachable');
      await door.open();
      await assertTypes((await shown('lab:desk', opened)).tunnel, vnc.home);
    });
  });

  describe('Redis', () => {
    /** Asserts that whoever calls is told, soon, that the store is away. */
    async function assertUnavailable(opened: TestConsole, cookie: string): Promise<void> {
      const began = Date.now();
      const as = API_TOKENS.portal;
      const answers = await Promise.all([
        gateway.call('GET', `/consoles/${opened.id}`, { as }),
        gateway.call('GET', '/consoles', { as }),
        gateway.call('POST', '/consoles', { as, body: { machine: 'lab:desk' } }),
        gateway.call('POST', `/consoles/${opened.id}/token`, { as: opened.bearer }),
        gateway.call('DELETE', `/consoles/${opened.id}`, { as }),
        gateway.call('POST', `/consoles/${opened.id}/redeem`, { body: { key: opened.launchKey } }),
      ]);
      for (const answer of answers) {
        await problemOf(answer, 503, 'redis_unavailable');
        assert.ok(Number(answer.headers.get('retry-after')) > 0);
      }
      const api = supertest(gateway.url);
      const known = await api.get('/api/v1/me').set('Cookie', cookie);
      problemOfTest(known, 503, 'redis_unavailable');
      const login = { username: 'alice', password: PASSWORDS.alice };
      problemOfTest(await api.post('/api/v1/login').send(login), 503, 'redis_unavailable');
      assert.ok(Date.now() - began < PATIENCE, `it took ${Date.now() - began} ms`);
    }

    async function signedIn(): Promise<string> {
      const login = { username: 'alice', password: PASSWORDS.alice };
      const answer = await supertest(gateway.url).post('/api/v1/login').send(login).expect(200);
      return sessionCookie(answer).split(';')[0] ?? '';
    }

    async function assertBack(opened: TestConsole, cookie: string): Promise<void> {
      const ready = async () => (await fetch(`${gateway.url}/readyz`)).status === 200;
      await until(ready, { timeout: 10_000, what: 'readyz' });
      await supertest(gateway.url).get('/api/v1/me').set('Cookie', cookie).expect(200);
      await reaches(opened.id, ({ state }) => state === 'connected');
      await shown('lab:desk');
    }

    it('killed and started again: sessions go on, calls say 503, then all is as before', async () => {
      const cookie = await signedIn();
      const { opened, tunnel } = await shown('lab:desk');
      await without(redis, async () => {
        await assertUnavailable(opened, cookie);
        await assertTypes(tunnel, vnc.home);
      });
      await assertBack(opened, cookie);
      await assertTypes(tunnel, vnc.home);
      // What is told through Redis reaches the tunnel again.
      await gateway.call('DELETE', `/consoles/${opened.id}`, { as: API_TOKENS.portal });
      assert.deepEqual(await tunnel.closed, { code: 4004, reason: '523' });
    });

    it('away when a tunnel ends: the record is right once it is back', async () => {
      const { opened, tunnel } = await shown('lab:desk');
      await without(redis, async () => {
        tunnel.stop();
        await tunnel.closed;
      });
      const look = async () => (await gateway.view(opened.id)).state === 'detached';
      await until(look, { timeout: 8000, what: 'the console to be detached' });
    });

    it('away at the deadline: the tunnel ends on time all the same', async () => {
      const opened = await gateway.openRedeemed({ machine: 'lab:desk', ttl: 2 });
      const { tunnel } = await shown('lab:desk', opened);
      await without(redis, async () => {
        assert.deepEqual(await tunnel.closed, { code: 4001, reason: '522' });
        const late = Date.now() - Date.parse(opened.expiresAt);
        assert.ok(late >= 0 && late < 1000, `closed ${late} ms after its deadline`);
      });
      const ended = async () => {
        const as = API_TOKENS.portal;
        const answer = await gateway.call('GET', `/consoles/${opened.id}`, { as });
        if (answer.status !== 200) return false;
        const { state, reason } = (await answer.json()) as { state: string; reason: string | null };
        return state === 'closed' && reason === 'expired';
      };
      await until(ended, { timeout: 8000, what: 'the console to be closed' });
    });

    for (const [how, forget] of [
      ['flushed', flush],
      ['started again with nothing kept', restart],
    ] as const) {
      it(`${how}: what nobody could close any more is ended, and new consoles open`, async function () {
        this.timeout(30_000);
        const forgetful = await each.start(startRedis());
        const own = await each.start(
          TestGateway.start({ redis: forgetful, guacd, machines: [desk()] }),
        );
        const opened = await own.openRedeemed({ machine: 'lab:desk' });
        const tunnel = each.add(await own.tunnel(opened));
        await tunnel.pictured();
        await forget(forgetful);
        assert.deepEqual(await tunnel.closed, { code: 4005, reason: '515' });
        assert.match(tunnel.text.slice(-300), /14\.console_failed,3\.515;10\.disconnect;$/);
        const after = each.add(await own.tunnel(await own.openRedeemed({ machine: 'lab:desk' })));
        await after.pictured();
      });
    }

    it('stopped in its tracks: nobody waits for ever, and sessions go on', async function () {
      this.timeout(40_000);
      const cookie = await signedIn();
      const { opened, tunnel } = await shown('lab:desk');
      process.kill(redis.pid, 'SIGSTOP');
      try {
        await assertUnavailable(opened, cookie);
        await assertTypes(tunnel, vnc.home);
      } finally {
        process.kill(redis.pid, 'SIGCONT');
      }
      await assertBack(opened, cookie);
    });
  });
});

async function flush({ url }: { readonly url: string }): Promise<void> {
  const client = createClient({ url });
  await client.connect();
  await client.flushAll();
  await client.close();
}

async function restart(server: ServerProcess): Promise<void> {
  await server.kill();
  await server.restart();
}
