import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import supertest from 'supertest';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, PASSWORDS, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { startRdp } from '../support/rdp.ts';
import { startRedis } from '../support/redis.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { type SshPeer, startSsh } from '../support/ssh.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import { redisContent } from './support/redis-content.ts';
import { sessionCookie } from './support/session-cookie.ts';
import { upgrade } from './support/upgrade.ts';

/** A password of Redis itself, which its URL in the configuration holds. */
const REDIS_PASSWORD = logBook.secret('of-redis-itself');

describe('no secret', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  /** Where the log of this suite's gateway begins. */
  const from = logBook.text.length;
  let redis: ServerProcess & { url: string };
  let guacd: ServerProcess;
  let vnc: VncPeer;
  let ssh: SshPeer;
  let gateway: TestGateway;
  /** The body of every answer that was an error, and every URL that any answer held. */
  const errors: string[] = [];
  const urls: string[] = [];

  before(async function () {
    this.timeout(40_000);
    [redis, guacd, vnc, ssh] = await Promise.all([
      suite.start(startRedis({ password: REDIS_PASSWORD })),
      suite.start(startGuacd()),
      suite.start(startVnc({ content: 'nothing' })),
      suite.start(startSsh()),
    ]);
    const rdp = await suite.start(startRdp(vnc));
    for (const line of ssh.privateKey.split('\n')) {
      if (line.length >= 40) logBook.secret(line);
    }
    const at = ({ host, port }: { host: string; port: number }) => ({ host, port });
    const sshd = { ...at(ssh), username: ssh.username };
    const machines = [
      {
        id: 'desk',
        owner: 'alice',
        consoles: {
          vnc: { ...at(vnc), password: logBook.secret(vnc.password) },
          ssh: { ...sshd, privateKey: ssh.privateKey },
          rdp: {
            ...at(rdp),
            params: {
              username: 'any',
              password: logBook.secret('of-rdp-in-params'),
              'gateway-password': logBook.secret('of-rdp-gateway'),
              'ignore-cert': true,
              security: 'any',
            },
          },
        },
      },
      {
        id: 'locked',
        consoles: {
          vnc: { ...at(vnc), password: logBook.secret('wrong-for-vnc') },
          ssh: {
            ...sshd,
            password: logBook.secret('wrong-for-ssh'),
            passphrase: logBook.secret('of-no-key-at-all'),
          },
        },
      },
    ];
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines }));
  });

  async function call(...[method, path, options]: Parameters<TestGateway['call']>) {
    const answer = await gateway.call(method, path, options);
    note(answer.status, await answer.clone().text());
    return answer;
  }

  function note(status: number, body: string): void {
    if (status >= 400) errors.push(body);
    urls.push(...(body.match(/\b(?:https?|wss?):\/\/[^\s"]+/g) ?? []));
  }

  /** What users, portals and attackers do, as far as a secret has a part in it. */
  it('is given away while consoles are opened, used, refused and lost', async function () {
    this.timeout(40_000);
    const as = API_TOKENS.portal;
    const agent = supertest.agent(gateway.url);
    const signIn = async (username: string, password: string) => {
      const answer = await agent.post('/api/v1/login').send({ username, password });
      note(answer.status, answer.text);
      const sid = /rackside=s%3A([^.]+)\.([^;]+)/.exec(sessionCookie(answer));
      // Its signature makes it a cookie; the id alone is the key in Redis, and opens nothing.
      if (sid) logBook.secret(decodeURIComponent(sid[2] ?? ''));
    };
    await signIn('alice', PASSWORDS.bob);
    await signIn('nobody', PASSWORDS.alice);
    await signIn('alice', PASSWORDS.alice);
    await call('GET', '/me', { as: `${as}x` });
    await call('GET', '/machines', { as });
    await call('GET', '/machines/lab%3Adesk', { as });
    await call('POST', '/consoles', { as, body: { machine: 'lab:desk', password: as } });
    await call('POST', '/consoles', { as, body: { machine: 'lab:desk', ttl: as } });

    for (const kind of ['vnc', 'ssh', 'rdp']) {
      const opened = await gateway.openRedeemed({ machine: 'lab:desk', kind });
      urls.push(opened.url);
      const path = `/consoles/${opened.id}`;
      // Somebody else with the key, the key in a wrong place, a bearer in a wrong place.
      await call('POST', `${path}/redeem`, { body: { key: opened.launchKey } });
      await call('POST', `${path}/redeem`, { body: { key: opened.launchKey, more: true } });
      await call('GET', path, { as: opened.launchKey });
      await call('GET', '/me', { as: opened.bearer });
      const { token, tunnel: url } = await gateway.token(opened);
      urls.push(url);
      for (const query of [
        `token=${opened.bearer}`,
        `token=${token}A`,
        `key=${opened.launchKey}`,
      ]) {
        note(400, (await upgrade(gateway.url, { path: `/tunnel?${query}` })).body);
      }
      const tunnel = each.add(await gateway.tunnel(opened));
      await tunnel.pictured();
      await call('GET', path, { as });
      await call('DELETE', path, { as });
      await tunnel.closed;
      logBook.assertHoldsNoSecret(tunnel.text, 'the tunnel');
      await call('POST', `${path}/token`, { as: opened.bearer });
    }
    for (const kind of ['vnc', 'ssh']) {
      const opened = await gateway.openRedeemed({ machine: 'lab:locked', kind });
      const tunnel = each.add(await gateway.tunnel(opened));
      await tunnel.closed;
      logBook.assertHoldsNoSecret(tunnel.text, 'the tunnel');
      await call('GET', `/consoles/${opened.id}`, { as });
      await call('POST', `/consoles/${opened.id}/token`, { as: opened.bearer });
    }
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const tunnel = each.add(await gateway.tunnel(opened));
    await tunnel.pictured();
    await guacd.kill();
    await tunnel.closed;
    await gateway.tunnel(opened).then(({ closed }) => closed);
    await guacd.restart();
    assert.ok(errors.length > 20 && urls.length >= 6);
  });

  it('is in a log line at debug level', () => {
    const log = logBook.text.slice(from);
    assert.match(log, /"tunnel closed"/);
    assert.match(log, /"sign-in refused"/);
    logBook.assertHoldsNoSecret(log, 'a log line');
  });

  it('is in Redis in clear, nor anything that would open a console', async () => {
    const content = await redisContent(redis.url);
    assert.ok(content.some(({ key }) => key.startsWith('rackside:console:')));
    assert.ok(content.some(({ key }) => key.startsWith('rackside:session:')));
    for (const { key, text } of content) {
      logBook.assertHoldsNoSecret(key, 'a key of Redis');
      logBook.assertHoldsNoSecret(text, key);
    }
  });

  it('is in the body of an error', () => {
    for (const body of errors) logBook.assertHoldsNoSecret(body, 'an error body');
  });

  it('is in the query of a URL that we give out', () => {
    for (const url of urls) {
      const { search, pathname, username, password } = new URL(url);
      assert.deepEqual([search, username, password], ['', '', '']);
      logBook.assertHoldsNoSecret(pathname, 'the path of a URL');
    }
  });

  it('is lost, too, while Redis is away', async () => {
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    await redis.kill();
    try {
      await call('GET', `/consoles/${opened.id}`, { as: opened.bearer });
      await call('POST', `/consoles/${opened.id}/token`, { as: opened.bearer });
      const body = { key: opened.launchKey };
      await call('POST', `/consoles/${opened.id}/redeem`, { body });
      const ready = await fetch(`${gateway.url}/readyz`);
      note(ready.status, await ready.text());
    } finally {
      await redis.restart();
    }
    for (const error of errors) logBook.assertHoldsNoSecret(error, 'an error body');
    logBook.assertHoldsNoSecret(logBook.text.slice(from), 'a log line');
  });
});
