import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { before, describe, it } from 'mocha';
import type { ElementHandle, Frame, Page } from 'puppeteer-core';
import type { RacksideConsole } from '../../client/src/embed/console-element.ts';
import { NO_THIRD_PARTY_COOKIES, type TestPage } from '../support/browser.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { until } from '../support/until.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import { PortalSite } from './support/portal-site.ts';
import { Stage, machine } from './support/stage.ts';
import { typedFile } from './support/typed-file.ts';

const SECRET = logBook.secret(randomBytes(32).toString('hex'));

describe("a console in a portal's page", function () {
  this.slow(6000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let terminal: VncPeer;
  let stage: Stage;
  let portal: PortalSite;
  let stranger: PortalSite;

  before(async function () {
    this.timeout(40_000);
    terminal = await suite.start(startVnc({ content: 'terminal' }));
    const gateway = () => stage.network.url;
    portal = await suite.start(PortalSite.start(gateway));
    stranger = await suite.start(PortalSite.start(gateway));
    const config = {
      embedding: { origins: ['https://other.example', portal.origin] },
      launch: [{ issuer: 'portal', algorithm: 'HS256', secret: SECRET }],
    };
    const machines = [machine('shell', terminal)];
    stage = await Stage.start(suite, { machines, config }, NO_THIRD_PARTY_COOKIES);
  });

  async function visit(site: PortalSite, body: string): Promise<TestPage> {
    const tab = await stage.newTab(each);
    await tab.page.goto(site.page(body));
    return tab;
  }
  const framed = (src: string) =>
    `<div id="box"><rackside-console title="Desk" src="${src}"></rackside-console></div>`;
  const element = async (page: Page) =>
    (await page.$('rackside-console')) as unknown as ElementHandle<RacksideConsole>;
  const told = (page: Page) => page.evaluate(() => window.told);
  const hears = (page: Page, type: string) =>
    until(async () => (await told(page)).find((event) => event.type === type), {
      timeout: 10_000,
      what: `the event ${type}`,
    });

  /** As the portal signs; works once, until `seconds` from now. */
  async function link(seconds = 60): Promise<string> {
    const jwt = await new SignJWT({ machine: 'lab:shell' })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('portal')
      .setSubject('alice')
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .setJti(randomUUID())
      .sign(Buffer.from(SECRET));
    return `${stage.network.url}/launch?jwt=${logBook.secret(jwt)}`;
  }

  async function frameOf(page: Page): Promise<Frame> {
    const find = () => page.frames().find((frame) => frame.url().startsWith(stage.network.url));
    return until(async () => find(), { timeout: 10_000, what: 'the frame' });
  }

  it('is shown, typed into and closed, though a frame of another site gets no cookie', async () => {
    const opened = await stage.gateway.open({ machine: 'lab:shell' });
    const tab = await visit(portal, framed(opened.url));
    const { page } = tab;
    assert.deepEqual((await hears(page, 'rackside-connected')).detail, { console: opened.id });
    await page.$eval('rackside-console', (console) => (console as RacksideConsole).focus());
    await page.keyboard.type('echo hello > framed\n');
    assert.equal(await typedFile(terminal, 'framed'), 'hello\n');

    const size = await (await frameOf(page)).evaluate(() => [innerWidth, innerHeight]);
    assert.deepEqual(size, [640, 400]);
    assert.equal(await (await frameOf(page)).evaluate(() => document.cookie), '');

    await (await element(page)).evaluate((console) => console.close());
    const { detail } = await hears(page, 'rackside-closed');
    assert.deepEqual(detail, { reason: 'ended', code: 'closed_here' });
    assert.equal((await stage.gateway.view(opened.id)).reason, 'ended');
    assert.deepEqual(
      (await told(page)).map(({ type }) => type),
      ['rackside-connected', 'rackside-closed'],
    );
    assert.deepEqual(tab.errors, []);
  });

  it('by a launch link is shown where the script comes after the element is there', async () => {
    const { page, errors } = await stage.newTab(each);
    await page.goto(portal.barePage(framed(await link())));
    await page.addScriptTag({ url: `${stage.network.url}/embed.js` });
    await hears(page, 'rackside-connected');
    // What says the same again is no other link.
    await page.$eval('rackside-console', (console) => {
      console.setAttribute('src', console.getAttribute('src') ?? '');
    });
    await page.$eval('rackside-console', (console) => (console as RacksideConsole).close());
    assert.equal((await hears(page, 'rackside-closed')).detail['reason'], 'ended');
    assert.deepEqual(errors, []);
  });

  it('tells that a launch link opened nothing: it was used, or its time is over', async () => {
    const used = await link();
    await fetch(used, { redirect: 'manual' });
    for (const [src, code] of [
      [used, 'launch_link_used'],
      [await link(-60), 'launch_link_expired'],
    ] as const) {
      const { page } = await visit(portal, framed(src));
      assert.deepEqual((await hears(page, 'rackside-closed')).detail, { reason: null, code });
    }
  });

  it('is tested where cookies of other sites are really blocked', async () => {
    const cookie = `http://127.0.0.1:${portal.port}/cookie`;
    const { page } = await visit(portal, `<iframe src="${cookie}"></iframe>`);
    const probe = async () => {
      const frame = page.frames().find((one) => one.url() === cookie);
      return frame?.$eval('#cookie', (text) => text.textContent);
    };
    assert.equal(await until(probe, { timeout: 5000, what: 'the frame' }), 'none');
    await page.reload();
    assert.equal(await until(probe, { timeout: 5000, what: 'the frame again' }), 'none');
    // As a site of its own it has the cookie, which so could have been sent.
    await page.goto(cookie);
    await page.reload();
    assert.equal(await page.$eval('#cookie', (text) => text.textContent), 'probe=1');
  });

  it('tells why it was closed from outside', async () => {
    const opened = await stage.gateway.open({ machine: 'lab:shell', user: 'alice' });
    const { page } = await visit(portal, framed(opened.url));
    await hears(page, 'rackside-connected');
    await stage.gateway.call('DELETE', `/consoles/${opened.id}`, { as: API_TOKENS.portal });
    const { detail } = await hears(page, 'rackside-closed');
    assert.deepEqual(detail, { reason: 'killed', code: 'console_killed' });
  });

  it('says in words why a reload does not bring it back', async () => {
    const opened = await stage.gateway.open({ machine: 'lab:shell' });
    const { page } = await visit(portal, framed(opened.url));
    await hears(page, 'rackside-connected');
    await (await frameOf(page)).evaluate(() => location.reload());
    const says = async () => (await frameOf(page)).$eval('body', (body) => body.innerText);
    const words = await until(
      async () => {
        const text = await says().catch(() => '');
        return /loaded anew/.test(text) && text;
      },
      { timeout: 10_000, what: 'the words' },
    );
    assert.match(words, /Open a new console from your portal/);
    assert.doesNotMatch(words, /list of machines/);
    const { detail } = await hears(page, 'rackside-closed');
    assert.deepEqual(detail, { reason: null, code: 'unauthenticated' });
  });

  it('in a tab tells the page that opened it the same', async () => {
    const opened = await stage.gateway.open({ machine: 'lab:shell' });
    const body =
      `<rackside-console mode="tab" src="${opened.url}"><button>Open</button>` +
      '</rackside-console>';
    const { page } = await visit(portal, body);
    const popped = new Promise<Page | null>((resolve) => page.once('popup', resolve));
    await page.click('button');
    const tab = await popped;
    assert.ok(tab);
    await hears(page, 'rackside-connected');
    await (await element(page)).evaluate((console) => console.close());
    assert.deepEqual((await hears(page, 'rackside-closed')).detail, {
      reason: 'ended',
      code: 'closed_here',
    });
    await tab.close();
    assert.deepEqual((await hears(page, 'rackside-disconnected')).detail, { code: 'client_left' });
  });

  it('is neither shown to, nor heard or closed by, a portal that is not allowed', async () => {
    const opened = await stage.gateway.open({ machine: 'lab:shell' });
    const { page, errors } = await visit(stranger, framed(opened.url));
    await until(async () => errors.some((error) => /frame-ancestors/.test(error)), {
      timeout: 10_000,
      what: 'the refusal',
    });
    assert.ok(!page.frames().some((frame) => frame.url().startsWith(stage.network.url)));

    const popped = new Promise<Page | null>((resolve) => page.once('popup', resolve));
    await page.evaluate((url) => {
      const tab = window.open(url);
      setInterval(() => {
        for (const type of ['hello', 'close']) tab?.postMessage({ rackside: 1, type }, '*');
      }, 50);
    }, opened.url);
    const tab = await popped;
    await tab?.waitForSelector('[data-testid=console-state][data-state=connected]');
    await tab?.evaluate(
      () =>
        new Promise<void>((resolve) => {
          let heard = 0;
          window.addEventListener('message', () => {
            heard += 1;
            if (heard === 4) resolve();
          });
        }),
    );
    assert.equal((await stage.gateway.view(opened.id)).state, 'connected');
    assert.deepEqual(await page.evaluate(() => window.heard), []);
    assert.deepEqual(await told(page), []);
    await tab?.close();
  });

  it('is all of the gateway that may be framed, and the script all that may be taken', async () => {
    const head = async (path: string) =>
      (await fetch(`${stage.gateway.url}${path}`, { redirect: 'manual' })).headers;
    for (const path of ['/console/any', '/refused', '/launch?jwt=x']) {
      const headers = await head(path);
      const csp = headers.get('content-security-policy') ?? '';
      assert.ok(
        csp.includes(`frame-ancestors 'self' https://other.example ${portal.origin};`),
        csp,
      );
      assert.equal(headers.get('x-frame-options'), null);
    }
    for (const path of ['/', '/api/v1/me', '/console/', '/console/a/b', '/none']) {
      const headers = await head(path);
      assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none';/, path);
      assert.equal(headers.get('x-frame-options'), 'DENY');
      assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
    }
    const script = await head('/embed.js');
    assert.equal(script.get('cross-origin-resource-policy'), 'cross-origin');
    assert.equal(script.get('access-control-allow-origin'), '*');
    assert.match(script.get('content-type') ?? '', /javascript/);
    assert.match(script.get('cache-control') ?? '', /max-age=300/);
    for (const path of ['/embedding.json', '/api/v1/me', '/'])
      assert.equal((await head(path)).get('access-control-allow-origin'), null);
  });
});
