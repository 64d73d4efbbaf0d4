import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, describe, it } from 'mocha';
import WebSocket from 'ws';
import { cleanUp } from '../support/dispose.ts';
import {
  API_TOKENS,
  TestGateway,
  type TestGatewayOptions,
  TestTunnel,
} from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { GatewayProcess } from './support/gateway-process.ts';
import { startLab } from './support/lab.ts';
import { assertProblem } from './support/problem.ts';
import { send, upgrade } from './support/upgrade.ts';

describe('an upgrade request', () => {
  const suite = cleanUp();
  const each = cleanUp('each');
  let options: TestGatewayOptions;
  let gateway: GatewayProcess;

  before(async function () {
    this.timeout(40_000);
    options = { ...(await startLab(suite)), config: { consoles: { tokenTtl: 300 } } };
    gateway = await suite.start(GatewayProcess.serve(options));
  });

  // Whatever came, it is the same process, and it does its work.
  afterEach(async () => {
    assert.ok(gateway.running);
    await assertOpens(gateway);
  });

  async function assertOpens(at: TestGateway, headers: Record<string, string> = {}) {
    const tunnel = each.add(
      await at.tunnel(await at.openRedeemed({ machine: 'lab:desk' }), headers),
    );
    await tunnel.pictured();
  }

  const freshToken = async (at: TestGateway = gateway) =>
    (await at.token(await at.openRedeemed({ machine: 'lab:desk' }))).token;
  const ask = (path: string, headers: Record<string, string | null> = {}) =>
    upgrade(gateway.url, { path, headers });

  it('with a token that was used is refused with 410', async () => {
    const token = await freshToken();
    assert.equal((await ask(`/tunnel?token=${token}`)).status, 101);
    assertProblem(await ask(`/tunnel?token=${token}`), 410, 'token_used');
  });

  it('is accepted once, when one token comes many times at the same moment', async () => {
    const token = await freshToken();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => ask(`/tunnel?token=${token}`)),
    );
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    assert.deepEqual([count(101), count(410)], [1, 9]);
  });

  it('with a token whose second is over is refused with 401', async () => {
    const config = { consoles: { tokenTtl: 1 } };
    const hasty = await each.start(TestGateway.start({ ...options, config }));
    const opened = await hasty.openRedeemed({ machine: 'lab:desk' });
    const { token } = await hasty.token(opened);
    // Its expiry is a whole second, rounded up.
    const over = Math.ceil(Date.now() / 1000 + 1) * 1000 + 5;
    await until(() => Date.now() > over, { timeout: 3000, what: 'the token to expire' });
    const answer = await upgrade(hasty.url, { path: `/tunnel?token=${token}` });
    assertProblem(answer, 401, 'token_expired');
  });

  it('with one flipped bit in any part of the token is refused with 401', async () => {
    const token = await freshToken();
    const parts = token.split('.');
    assert.equal(parts.length, 5, 'a JWE in compact form');
    for (const [index, part] of parts.entries()) {
      const bytes = Buffer.from(part, 'base64url');
      // The key part of a directly encrypted JWE is empty: there a byte is added.
      const flipped = bytes.length === 0 ? randomBytes(1) : bytes;
      const at = Math.floor(flipped.length / 2);
      flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
      const changed = parts.with(index, flipped.toString('base64url')).join('.');
      assert.notEqual(changed, token);
      assertProblem(await ask(`/tunnel?token=${changed}`), 401, 'token_invalid');
    }
    // Nor did any of them use the token up.
    // An offer that is not taken leaves a plain request, for which there is nothing here.
    assertProblem(await ask(`/tunnel?token=${token}`, { Upgrade: 'h2c' }), 404, 'not_found');
    assert.equal((await ask(`/tunnel?token=${token}`)).status, 101);
  });

  it('without a token is refused with 401', async () => {
    for (const path of ['/tunnel', '/tunnel?', '/tunnel?token=', '/tunnel?other=1']) {
      assertProblem(await ask(path), 401, 'token_missing');
    }
  });

  it('with garbage for a token is refused, however much of it comes', async () => {
    const garbage = ['x', 'a.b.c.d.e', '%00', '%FF%FE', '../../etc/passwd', '....', 'null'];
    for (const token of [...garbage, randomBytes(6000).toString('base64url')]) {
      assertProblem(await ask(`/tunnel?token=${token}`), 401, 'token_invalid');
    }
    const megabyte = await ask(`/tunnel?token=${'A'.repeat(1024 * 1024)}`);
    assertProblem(megabyte, 413, 'payload_too_large');
  });

  it('that is no HTTP at all gets an answer, and is hung up on', async () => {
    for (const bytes of ['\x16\x03\x01\x02\x00', 'SSH-2.0-OpenSSH_9.2\r\n', 'GET\r\n\r\n']) {
      assertProblem(await send(gateway.url, bytes), 400, 'invalid_request');
    }
  });

  it('with another kind of token than a connection token is refused with 401', async () => {
    const { bearer, launchKey } = await gateway.openRedeemed({ machine: 'lab:desk' });
    for (const token of [bearer, launchKey, API_TOKENS.portal]) {
      assertProblem(await ask(`/tunnel?token=${token}`), 401, 'token_invalid');
    }
  });

  it('from a page of a foreign origin is refused with 403, its token stays good', async () => {
    const token = await freshToken();
    const own = new URL(gateway.url);
    const foreign = [
      'https://evil.example',
      'null',
      `https://${own.host}`,
      `http://${own.hostname}:1`,
      `${own.origin}.evil.example`,
      '',
    ];
    for (const Origin of foreign) {
      const answer = await ask(`/tunnel?token=${token}`, { Origin });
      assertProblem(answer, 403, 'origin_refused');
    }
    const answer = await ask(`/tunnel?token=${token}`, { Origin: own.origin });
    assert.equal(answer.status, 101);
  });

  it('to another path is 404, of another kind than WebSocket 4xx', async () => {
    const token = await freshToken();
    for (const path of ['/', '/tunnel/', '/api/v1/consoles', '/tunnelx', '//tunnel']) {
      assertProblem(await ask(`${path}?token=${token}`), 404, 'not_found');
    }
    const kinds: Record<string, string | null>[] = [
      { 'Sec-WebSocket-Protocol': null },
      { 'Sec-WebSocket-Protocol': 'binary' },
      { 'Sec-WebSocket-Version': '8' },
      { 'Sec-WebSocket-Key': 'short' },
      { 'Sec-WebSocket-Key': null },
    ];
    for (const headers of kinds) {
      assertProblem(await ask(`/tunnel?token=${token}`, headers), 400, 'invalid_request');
    }
    assert.equal((await ask(`/tunnel?token=${token}`)).status, 101);
  });

  it('for a console that was closed is refused with its reason', async () => {
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const { token } = await gateway.token(opened);
    await gateway.call('DELETE', `/consoles/${opened.id}`, { as: opened.bearer });
    assertProblem(await ask(`/tunnel?token=${token}`), 410, 'console_ended');
  });

  it('is judged by forwarded headers only when a trusted proxy sent them', async () => {
    const browser = {
      Origin: 'https://console.example',
      'X-Forwarded-Host': 'console.example',
      'X-Forwarded-Proto': 'https',
    };
    const untrusted = await ask(`/tunnel?token=${await freshToken()}`, browser);
    assertProblem(untrusted, 403, 'origin_refused');

    const listen = { port: 0, trustedProxies: ['127.0.0.0/8'] };
    const behind = await each.start(TestGateway.start({ ...options, config: { listen } }));
    await assertOpens(behind, browser);
    for (const wrong of [
      { ...browser, Origin: 'https://evil.example' },
      { ...browser, 'X-Forwarded-Proto': 'http' },
    ]) {
      const path = `/tunnel?token=${await freshToken(behind)}`;
      const answer = await upgrade(behind.url, { path, headers: wrong });
      assertProblem(answer, 403, 'origin_refused');
    }
  });

  it('may be refused hundreds of times in a burst, while tunnels go on', async () => {
    const opened = await gateway.openRedeemed({ machine: 'lab:desk' });
    const { token, tunnel: url } = await gateway.token(opened);
    const tunnel = each.add(new TestTunnel(new WebSocket(`${url}?token=${token}`, 'guacamole')));
    await tunnel.pictured();
    const burst = Array.from({ length: 200 }, (_, n) =>
      ask(n % 2 ? '/tunnel?token=garbage' : `/tunnel?token=${token}`),
    );
    const statuses = (await Promise.all(burst)).map(({ status }) => status);
    assert.deepEqual(
      statuses,
      statuses.map((_, n) => (n % 2 ? 401 : 410)),
    );
    assert.equal(tunnel.socket.readyState, WebSocket.OPEN);
  });

  it('that is cut in the middle, or goes on after its refusal, harms nobody', async () => {
    const token = await freshToken();
    const sockets = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const socket = new WebSocket(
          `${gateway.url.replace('http', 'ws')}/tunnel?token=${token}`,
          'guacamole',
        );
        socket.on('error', () => undefined);
        if (n % 2) setImmediate(() => socket.terminate());
        return new TestTunnel(socket);
      }),
    );
    for (const socket of sockets) each.add(socket);
    await Promise.race(sockets.map(({ closed }) => closed));
    await Promise.all(sockets.filter((_, n) => n % 2).map(({ closed }) => closed));
  });
});
