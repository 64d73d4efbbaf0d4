import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { before, describe, it } from 'mocha';
import { type MachineList, createdConsole, machineList } from '../../server/contract/index.ts';
import { operations } from '../../server/contract/operations/index.ts';
import { type TestBrowser, type TestPage, startBrowser } from '../support/browser.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { startRedis } from '../support/redis.ts';

const run = promisify(execFile);

describe('the page of the API', function () {
  this.slow(3000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let gateway: TestGateway;
  let browser: TestBrowser;

  before(async function () {
    this.timeout(40_000);
    const [redis, guacd, started] = await Promise.all([
      suite.start(startRedis()),
      suite.start(startGuacd()),
      suite.start(startBrowser()),
    ]);
    browser = started;
    const consoles = { vnc: { host: '127.0.0.1', port: 1 } };
    const machines = [{ id: 'desk', consoles }];
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines }));
  });

  async function open(path = '', width = 1280): Promise<TestPage> {
    const tab = await each.start(browser.newPage({ width, height: 800, isMobile: width < 600 }));
    await tab.page.goto(`${gateway.url}/api/docs${path}`);
    await tab.page.waitForSelector('[data-operation]');
    return tab;
  }

  const shown = (tab: TestPage): Promise<(string | null)[]> =>
    tab.page.$$eval('[data-operation]', (cards) =>
      cards.map((card) => card.getAttribute('data-operation')),
    );

  /** The command that a call's card shows, run by a shell. */
  async function runCommand(tab: TestPage, id: string): Promise<unknown> {
    const read = (pre: Element) => pre.textContent ?? '';
    const command = await tab.page.$eval(`#${id} [data-testid=curl]`, read);
    const env = { ...process.env, TOKEN: API_TOKENS.portal, ID: 'lab:desk' };
    const { stdout } = await run('sh', ['-c', command.replace('curl ', 'curl -sS ')], { env });
    return JSON.parse(stdout) as unknown;
  }

  it('shows every call, and breaks no rule of the content security policy', async () => {
    const tab = await open();
    assert.deepEqual(new Set(await shown(tab)), new Set(Object.keys(operations)));
    // Everything opened, so that everything is drawn.
    await tab.page.$$eval('details', (all) => all.forEach((one) => (one.open = true)));
    await tab.page.waitForSelector('#openConsole .field');
    assert.deepEqual(tab.errors, []);
  });

  it('finds calls by words and by the codes of their refusals', async () => {
    const tab = await open();
    await tab.page.type('[data-testid=search]', 'launch_key_used');
    assert.deepEqual(await shown(tab), ['redeemConsole']);
    await tab.page.$eval(
      '[data-testid=search]',
      (field) => ((field as HTMLInputElement).value = ''),
    );
    await tab.page.type('[data-testid=search]', 'no such call');
    await tab.page.waitForSelector('[data-testid=empty]');
  });

  it('opens at the call that the address names', async () => {
    const tab = await open('#openConsole');
    await tab.page.waitForSelector('#openConsole[open]');
    const top = await tab.page.$eval('#openConsole', (card) => card.getBoundingClientRect().top);
    assert.ok(top >= 0 && top < 400, `it is at ${top}`);
  });

  it('has commands that do what they say', async () => {
    const tab = await open();
    const listed = machineList.parse(await runCommand(tab, 'listMachines')) satisfies MachineList;
    assert.deepEqual(
      listed.items.map(({ id }) => id),
      ['lab:desk'],
    );
    const made = createdConsole.parse(await runCommand(tab, 'openConsole'));
    assert.equal(made.machine, 'lab:desk');
    assert.deepEqual(await runCommand(tab, 'getMachine'), listed.items[0]);
  });

  it('fits a phone', async () => {
    const tab = await open('#openConsole', 360);
    await tab.page.$$eval('details', (all) => all.forEach((one) => (one.open = true)));
    const width = await tab.page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 360);
    assert.deepEqual(tab.errors, []);
  });
});
