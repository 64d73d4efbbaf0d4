import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'mocha';
import { STATUS, type StatusCode } from '../../server/contract/index.ts';
import { GatewayError } from '../../server/errors.ts';
import { cleanUp } from '../support/dispose.ts';
import { ScriptedGuacd } from '../support/guacd-script.ts';
import { until } from '../support/until.ts';
import { sendRaw, upgradeRequest } from './support/raw-upgrade.ts';
import { TestGateway, type TestGatewayOptions, testGrant } from './support/test-gateway.ts';

describe('the upgrade of a tunnel', () => {
  const own = cleanUp('each');

  async function start(options?: TestGatewayOptions) {
    const guacd = await own.start(ScriptedGuacd.start());
    const gateway = await own.start(TestGateway.start(options));
    const { host, port } = guacd;
    const token = (changes = {}) => gateway.token(testGrant({ guacd: { host, port }, ...changes }));
    const opens = async (): Promise<void> => {
      const page = own.add(await gateway.open({ guacd: { host, port } }));
      await (await guacd.nextConnection()).handshake();
      await page.name();
    };
    const refuses = async (
      code: StatusCode,
      target: string,
      headers: Record<string, string | null> = {},
      method = 'GET',
    ): Promise<void> => {
      const answer = await sendRaw(gateway.port, upgradeRequest(target, headers, method));
      assert.equal(answer.status, STATUS[code].http, answer.body);
      assert.match(answer.head, /\r\nConnection: close(\r\n|$)/i);
      assert.match(answer.head, /\r\nContent-Type: application\/problem\+json(\r\n|$)/i);
      const problem = JSON.parse(answer.body);
      assert.deepEqual(Object.keys(problem), ['type', 'title', 'status', 'code', 'detail']);
      assert.deepEqual([problem.code, problem.status], [code, STATUS[code].http]);
    };
    return { gateway, guacd, token, opens, refuses };
  }

  it('is refused without a token, with an empty one and with garbage, and the next one opens', async () => {
    const { refuses, opens, guacd } = await start();
    await refuses('token_missing', '/tunnel');
    await refuses('token_missing', '/tunnel?token=');
    await refuses('token_missing', '/tunnel?tok=en');
    await refuses('token_invalid', '/tunnel?token=garbage');
    await refuses('token_invalid', `/tunnel?token=${'A'.repeat(10_000)}`);
    await refuses('token_invalid', '/tunnel?token=%ff%00%F0%9F%98%80');
    assert.equal(guacd.connections, 0);
    await opens();
  });

  it('is refused with a megabyte of garbage as token by the http server itself, and the next one opens', async () => {
    const { gateway, opens } = await start();
    const answer = await sendRaw(
      gateway.port,
      upgradeRequest(`/tunnel?token=${'A'.repeat(1_000_000)}`),
    );
    assert.equal(answer.status, 431);
    await opens();
  });

  it('is refused with a token that was used, expired, or altered by a bit in any part', async () => {
    const { gateway, guacd, token, refuses, opens } = await start();
    const used = await token();
    const first = await sendRaw(gateway.port, upgradeRequest(`/tunnel?token=${used}`));
    assert.equal(first.status, 101);
    await guacd.nextConnection();
    await refuses('token_used', `/tunnel?token=${used}`);
    const old = await gateway.tokens.issue(testGrant(), Date.now() - 1000, Date.now() - 60_000);
    await refuses('token_expired', `/tunnel?token=${old}`);
    const parts = (await token()).split('.');
    for (const [index, part] of parts.entries()) {
      if (part === '') continue;
      const last = part.at(-1) === 'A' ? 'B' : 'A';
      const altered = parts.with(index, part.slice(0, -1) + last).join('.');
      await refuses('token_invalid', `/tunnel?token=${altered}`);
    }
    await opens();
  });

  it('is refused from a foreign origin, before the token is looked at or used up', async () => {
    const { gateway, guacd, token, refuses, opens } = await start();
    const target = `/tunnel?token=${await token()}`;
    for (const Origin of ['https://evil.example', 'null', 'http://gateway.example']) {
      await refuses('origin_refused', target, { Origin });
    }
    const forwarded = {
      Origin: 'https://evil.example',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'evil.example',
    };
    await refuses('origin_refused', target, forwarded);
    const home = { Origin: 'https://gateway.example' };
    assert.equal((await sendRaw(gateway.port, upgradeRequest(target, home))).status, 101);
    await guacd.nextConnection();
    await opens();
  });

  it('believes X-Forwarded-* of a trusted proxy', async () => {
    const { gateway, token } = await start({ trustedProxies: (peer) => peer === '127.0.0.1' });
    const forwarded = {
      Origin: 'https://console.customer.example',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'console.customer.example',
    };
    const request = upgradeRequest(`/tunnel?token=${await token()}`, forwarded);
    assert.equal((await sendRaw(gateway.port, request)).status, 101);
  });

  it('is refused at another path, by another method, and where it is no WebSocket of this kind', async () => {
    const { token, refuses } = await start();
    const target = `/tunnel?token=${await token()}`;
    await refuses('not_found', '/');
    await refuses('not_found', `/tunnels?token=x`);
    await refuses('not_found', `/other${target}`);
    await refuses('method_not_allowed', target, {}, 'POST');
    await refuses('invalid_request', target, { Upgrade: 'h2c' });
    await refuses('invalid_request', target, { 'Sec-WebSocket-Version': '8' });
    await refuses('invalid_request', target, { 'Sec-WebSocket-Key': 'short' });
    await refuses('invalid_request', target, { 'Sec-WebSocket-Key': null });
    await refuses('invalid_request', target, { 'Sec-WebSocket-Protocol': null });
    await refuses('invalid_request', target, { 'Sec-WebSocket-Protocol': 'binary, guacamole2' });
  });

  it('is refused as the domain says, or masked where the domain broke', async () => {
    const answers: Error[] = [
      new GatewayError('console_ended', 'the console has ended'),
      new Error('secret detail of a bug'),
    ];
    const { gateway, token, refuses, opens } = await start({
      admit: async (grant) => {
        const error = answers.shift();
        if (error) throw error;
        return grant.deadline;
      },
    });
    await refuses('console_ended', `/tunnel?token=${await token()}`);
    const masked = await sendRaw(gateway.port, upgradeRequest(`/tunnel?token=${await token()}`));
    assert.equal(masked.status, 500);
    assert.doesNotMatch(masked.body, /secret detail/);
    assert.match(gateway.log, /secret detail/);
    assert.deepEqual(gateway.events, []);
    await opens();
  });

  it('is refused with 503 while Redis cannot tell, and when it never answers', async () => {
    const uses = [
      () => Promise.reject(new GatewayError('redis_unavailable', 'Redis does not answer')),
      () => new Promise<never>(() => {}),
    ];
    const { token, refuses, opens } = await start({
      singleUse: { use: async () => (await uses.shift()?.()) ?? true },
      limits: { upgrade: 200 },
    });
    await refuses('redis_unavailable', `/tunnel?token=${await token()}`);
    await refuses('redis_unavailable', `/tunnel?token=${await token()}`);
    await opens();
  });

  it('reports a client that left during the checks as closed, and never dials guacd for it', async () => {
    let admit = (): void => {};
    const admitting = new Promise<void>((resolve) => {
      admit = resolve;
    });
    let asked = false;
    const { gateway, guacd, token } = await start({
      admit: async (grant) => {
        asked = true;
        await admitting;
        return grant.deadline;
      },
      limits: { upgrade: 100 },
    });
    const socket = connect({ port: gateway.port, host: '127.0.0.1' });
    socket.write(upgradeRequest(`/tunnel?token=${await token()}`));
    await until(() => asked, { timeout: 2000, what: 'the last check' });
    socket.resetAndDestroy();
    await once(socket, 'close');
    await until(() => gateway.log.includes('upgrade refused'), {
      timeout: 2000,
      what: 'the request to be given up',
    });
    admit();
    assert.equal((await gateway.end()).status, 'client_left');
    assert.equal(guacd.connections, 0);
    assert.equal(gateway.tunnels.size, 0);
  });

  it('is refused with 429 while too many are being checked', async () => {
    let checking = 0;
    const { gateway, token, refuses } = await start({
      singleUse: {
        use() {
          checking++;
          return new Promise<never>(() => {});
        },
      },
      limits: { pendingUpgrades: 2 },
    });
    for (let count = 0; count < 2; count++) {
      const socket = connect({ port: gateway.port, host: '127.0.0.1' });
      own.add(() => void socket.destroy());
      socket.write(upgradeRequest(`/tunnel?token=${await token()}`));
    }
    await until(() => checking === 2, { timeout: 2000, what: 'two checks' });
    await refuses('rate_limited', `/tunnel?token=${await token()}`);
  });

  it('is refused with 503 while draining, where open tunnels stay', async () => {
    const { gateway, token, refuses, opens } = await start();
    await opens();
    gateway.tunnels.drain();
    await refuses('shutting_down', `/tunnel?token=${await token()}`);
    assert.equal(gateway.tunnels.size, 1);
  });

  it('survives a thousand refusals, sockets cut at any moment among them', async () => {
    const { gateway, opens } = await start();
    for (let batch = 0; batch < 10; batch++) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          if (index % 4 > 0) return sendRaw(gateway.port, upgradeRequest('/tunnel?token=bad'));
          const socket = connect({ port: gateway.port, host: '127.0.0.1' });
          socket.on('error', () => {});
          socket.write(upgradeRequest('/tunnel?token=bad').slice(0, 40 + index * 3));
          await once(socket, 'connect');
          socket.resetAndDestroy();
          return null;
        }),
      );
    }
    await opens();
  });

  it('leaves no token in the log, whatever becomes of it', async () => {
    const { gateway, token, refuses, opens } = await start();
    const good = await token();
    await refuses('origin_refused', `/tunnel?token=${good}`, { Origin: 'https://evil.example' });
    await refuses('token_invalid', `/tunnel?token=${good}x`);
    await refuses('not_found', `/elsewhere?token=${good}`);
    await opens();
    for (const part of good.split('.').filter((text) => text.length > 12)) {
      assert.equal(gateway.log.includes(part), false);
    }
    const lines = gateway.log.trim().split('\n');
    assert.equal(lines.filter((line) => line.includes('upgrade refused')).length, 3);
  });
});
