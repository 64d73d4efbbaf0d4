import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import supertest from 'supertest';
import { freePort } from '../../server/platform/ports.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, PASSWORDS, TestGateway, type TestGatewayOptions } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { startRedis } from '../support/redis.ts';
import { problemOf, problemOfTest } from './support/problem.ts';
import { sessionCookie } from './support/session-cookie.ts';

describe('at the edge', () => {
  const suite = cleanUp();
  let options: TestGatewayOptions;
  let gateway: TestGateway;

  before(async function () {
    this.timeout(40_000);
    const [redis, guacd] = await Promise.all([
      suite.start(startRedis()),
      suite.start(startGuacd()),
    ]);
    const consoles = { vnc: { host: '127.0.0.1' } };
    const machines = [{ id: 'bobs', owner: 'bob', consoles }];
    options = { redis, guacd, machines };
    gateway = await suite.start(TestGateway.start(options));
  });

  const H2C = {
    Connection: 'Upgrade, HTTP2-Settings',
    Upgrade: 'h2c',
    'HTTP2-Settings': 'AAMAAABk',
  };

  it('a client that offers HTTP/2 is answered in HTTP/1.1, with a body and without', async () => {
    await supertest(gateway.url).get('/healthz').set(H2C).expect(200, { status: 'ok' });
    const credentials = { username: 'alice', password: PASSWORDS.alice };
    const answer = await supertest(gateway.url)
      .post('/api/v1/login')
      .set(H2C)
      .send(credentials)
      .expect(200);
    assert.deepEqual(answer.body, { name: 'alice', role: 'customer', mayHaveTokens: true });
    const large = await supertest(gateway.url)
      .post('/api/v1/login')
      .set(H2C)
      .send({ ...credentials, password: 'x'.repeat(70_000) });
    problemOfTest(large, 413, 'payload_too_large');
  });

  it('behind TLS the cookie is Secure, whatever the proxy says or does not say', async () => {
    const publicUrl = 'https://console.example.com';
    const port = await freePort();
    const config = { publicUrl, listen: { port } };
    await suite.start(TestGateway.start({ ...options, config }));
    for (const headers of [{}, { 'X-Forwarded-Proto': 'http' }]) {
      const answer = await supertest(`http://127.0.0.1:${port}`)
        .post('/api/v1/login')
        .set(headers)
        .send({ username: 'alice', password: PASSWORDS.alice })
        .expect(200);
      assert.match(
        sessionCookie(answer),
        /^__Host-rackside=.*; Path=\/;.*; HttpOnly; Secure; SameSite=Lax$/,
      );
    }
  });

  it('a customer cannot tell a machine of somebody else from none', async () => {
    const open = async (machine: string) => {
      const answer = await gateway.call('POST', '/consoles', {
        as: API_TOKENS.customer,
        body: { machine },
      });
      return (await problemOf(answer, 403, 'forbidden')).detail.replace(machine, 'IT');
    };
    assert.equal(await open('lab:bobs'), await open('lab:nobodys'));
  });

  it('a mistyped address is a page for a browser, and a problem for a program', async () => {
    const html = 'text/html,application/xhtml+xml,*/*;q=0.8';
    const ask = (path: string, accept: string) =>
      supertest(gateway.url).get(path).set('Accept', accept);
    const page = await ask('/consoles', html).expect(404);
    assert.match(page.text, /<div id="app">/);
    problemOfTest(await ask('/consoles', '*/*'), 404, 'not_found');
    problemOfTest(await ask('/api/v1/nothing', html), 404, 'not_found');
  });

  it('a path that leads out of the assets is not found', async () => {
    for (const path of ['/assets/%2e%2e/%2e%2e/x', '/assets/nope.js']) {
      problemOfTest(await supertest(gateway.url).get(path), 404, 'not_found');
    }
  });
});
