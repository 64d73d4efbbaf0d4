import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { logBook } from '../support/log-book.ts';
import { startVnc } from '../support/vnc.ts';
import { ConsolePage } from './support/console-page.ts';
import { Stage, machine } from './support/stage.ts';

const SECRET = randomBytes(32);
const DETAIL = '[data-testid=fault-detail]';

describe("a portal's link", function () {
  this.slow(4000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    const terminal = await suite.start(startVnc({ content: 'terminal' }));
    const secret = logBook.secret(SECRET.toString('hex'));
    const launch = [{ issuer: 'portal', algorithm: 'HS256', secret }];
    stage = await Stage.start(suite, {
      machines: [machine('shell', terminal), machine('vault', terminal)],
      config: { launch, policy: [{ machines: ['lab:vault'], purpose: 'required' }] },
    });
  });

  async function follow(url: string): Promise<ConsolePage> {
    const page = new ConsolePage(await stage.newTab(each), { id: '', url });
    await page.goto(url);
    return page;
  }

  async function link(claims: object = {}): Promise<string> {
    const jwt = await new SignJWT({ machine: 'lab:shell', ...claims })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('portal')
      .setSubject('alice')
      .setExpirationTime('1m')
      .setJti(randomUUID())
      .sign(Buffer.from(SECRET.toString('hex')));
    return `${stage.network.url}/launch?jwt=${logBook.secret(jwt)}`;
  }

  it('shows the machine at once, and says so when it is followed a second time', async () => {
    const url = await link();
    const first = await follow(url);
    await first.reaches('connected');
    assert.match(new URL(first.page.url()).pathname, /^\/console\//);
    first.assertClean();

    const second = await follow(url);
    assert.match(await second.faulted('launch_link_used'), /already been used/);
    assert.ok(!second.page.url().includes('jwt'), 'the address bar has the signed link');
    second.assertClean();
  });

  it('that is refused is told in the language of the reader', async () => {
    const page = await follow(`${stage.network.url}/launch?jwt=garbage`);
    assert.match(await page.faulted('launch_link_invalid'), /is not valid here/);
    await page.page.select('.language select', 'de');
    assert.match(await page.faulted('launch_link_invalid'), /nicht gültig/);
    page.assertClean();
  });

  it('that the portal made wrongly is called faulty, and its developer is told the claim', async () => {
    const page = await follow(await link({ readonly: true }));
    assert.match(await page.faulted('invalid_request'), /portal's link is faulty/);
    assert.equal(
      await page.page.$eval(DETAIL, (small) => small.textContent),
      'invalid_request: readonly',
    );
    await page.goto(`${stage.network.url}/refused#invalid_request:call%20555-0100`);
    await page.page.reload();
    assert.equal(await page.page.$eval(DETAIL, (small) => small.textContent), 'invalid_request');
    page.assertClean();
  });

  it('that leaves out a purpose that is required is its portal’s fault, and leads nowhere', async () => {
    const page = await follow(await link({ machine: 'lab:vault' }));
    const words = await page.faulted('purpose_required');
    assert.match(words, /^This portal's link does not say what the console is for/);
    assert.equal(await page.page.$eval(DETAIL, (small) => small.textContent), 'purpose_required');
    assert.doesNotMatch(await page.words(), /list of machines|Open a new console/);
    page.assertClean();
  });

  it('is told as not valid, whatever somebody writes behind the #', async () => {
    const page = await follow(`${stage.network.url}/refused#<img src=x onerror=alert(1)>`);
    await page.faulted('launch_link_invalid');
    page.assertClean();
  });
});
