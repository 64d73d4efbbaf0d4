import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { onFreePort } from '../../server/demo/loopback.ts';
import { type TestBrowser, startBrowser } from '../support/browser.ts';
import { cleanUp } from '../support/dispose.ts';
import { TestGateway } from '../support/gateway.ts';
import { startOidc } from '../support/oidc.ts';
import { startRedis } from '../support/redis.ts';

describe('the button of a provider', function () {
  this.slow(4000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let browser: TestBrowser;
  let gateway: TestGateway;

  before(async function () {
    this.timeout(40_000);
    const [redis, started] = await Promise.all([
      suite.start(startRedis()),
      suite.start(startBrowser()),
    ]);
    browser = started;
    gateway = await onFreePort(async (port) => {
      const callback = `http://127.0.0.1:${port}/api/v1/login/oidc/sso/callback`;
      const people = { anna: { preferred_username: 'anna', groups: ['/customers/acme'] } };
      // Another site for the browser: its answer has to bring the cookie across.
      const parts = { people, redirectUris: [callback], host: 'localhost' as const };
      const { issuer, clientId, clientSecret } = await suite.start(startOidc(parts));
      const groups = [{ group: '/customers/*', machines: ['lab:{group}-*'] }];
      const source = { id: 'sso', name: 'Example', issuer, clientId, clientSecret, groups };
      const vnc = { host: '127.0.0.1', port: 1 };
      const machines = [
        { id: 'acme-1', consoles: { vnc } },
        { id: 'b-1', consoles: { vnc } },
      ];
      const config = { listen: { port }, oidc: [source] };
      const guacd = { host: '127.0.0.1', port: 1 };
      return suite.start(TestGateway.start({ redis, guacd, machines, config }));
    });
  });

  it('leads to the provider and back to the machines of the groups', async () => {
    const { page } = await each.start(browser.newPage());
    await page.goto(gateway.url, { waitUntil: 'domcontentloaded' });
    const button = await page.waitForSelector('[data-testid=provider-sso]');
    assert.equal(await button?.evaluate((element) => element.textContent), 'Sign in with Example');
    await button?.click();
    await page.waitForSelector('input[name=login]');
    assert.match(page.url(), /^http:\/\/localhost:/);
    await page.type('input[name=login]', 'anna');
    await page.type('input[name=password]', 'any');
    await Promise.all([page.waitForNavigation(), page.click('button[type=submit]')]);
    await page.waitForSelector('input[name=prompt][value=consent]');
    await Promise.all([page.waitForNavigation(), page.click('button[type=submit]')]);
    await page.waitForSelector('[data-machine]');
    assert.equal(page.url(), `${gateway.url}/`);
    const listed = await page.$$eval('[data-machine]', (rows) =>
      rows.map((row) => row.getAttribute('data-machine')),
    );
    assert.deepEqual(listed, ['lab:acme-1']);
    await page.click('[data-testid=sign-out]');
    await page.waitForSelector('[data-testid=provider-sso]');
  });

  it('that was pressed in another browser is said in words, with a way back', async () => {
    const { page } = await each.start(browser.newPage());
    const stranger = `${gateway.url}/api/v1/login/oidc/sso/callback?code=a&state=b`;
    await page.goto(stranger, { waitUntil: 'domcontentloaded' });
    const alert = await page.waitForSelector('[role=alert] [data-code=sign_in_expired]');
    const words = await alert?.evaluate((element) => element.closest('[role=alert]')?.textContent);
    assert.match(words ?? '', /^You are not signed in.*begun in another browser/);
    assert.ok(!page.url().includes('code=a'));
    await page.click('[role=alert] a');
    await page.waitForSelector('[data-testid=provider-sso]');
  });
});
