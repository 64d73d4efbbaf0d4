import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { OpenNebulaSimulator } from '../simulators/opennebula.ts';
import type { TestPage } from '../support/browser.ts';
import { cleanUp } from '../support/dispose.ts';
import type { PASSWORDS } from '../support/gateway.ts';
import { enterPortal } from './support/portal.ts';
import { Stage } from './support/stage.ts';

describe('providers in the portal', function () {
  this.slow(6000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let one: OpenNebulaSimulator;
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    one = await suite.start(OpenNebulaSimulator.start());
    const { url, session } = one;
    one.vms.push({ id: 1, name: 'first', uname: 'alice', numbers: [3, 3], hosts: ['kvm1'] });
    const owner = { label: 'user' };
    const away = { url: 'http://127.0.0.1:1/RPC2', session };
    const providers = [
      { id: 'one', type: 'opennebula', url, session, owner },
      { id: 'away', type: 'opennebula', ...away },
    ];
    stage = await Stage.start(suite, { machines: [], config: { providers } });
  });

  async function portal(name: keyof typeof PASSWORDS): Promise<TestPage> {
    const tab = await enterPortal(stage, each, name);
    await tab.page.waitForSelector('[data-machine="one:1"]');
    return tab;
  }

  it('are asked how a machine is that was switched, and its row and its dialog follow', async () => {
    one.vms.push({ id: 3, name: 'third', uname: 'alice', numbers: [3, 3], hosts: ['kvm1'] });
    const { page } = await portal('support');
    await page.click('[data-testid=refresh]');
    const row = await page.waitForSelector('[data-machine="one:3"]');
    await row?.waitForSelector('[data-power=on]');
    await (await row?.waitForSelector('[data-testid=power]'))?.click();
    await page.waitForSelector('dialog[open] [data-power-action=shutdown]');
    const offered = await page.$$eval('dialog[open] [data-power-action]', (buttons) =>
      buttons.map((button) => [button.getAttribute('data-power-action'), button.className]),
    );
    const hard = offered.findIndex(([, name]) => name === 'danger');
    assert.deepEqual(
      [new Set(offered.slice(0, hard).flat()), new Set(offered.slice(hard).flat())],
      [new Set(['shutdown', 'reboot', 'suspend', '']), new Set(['off', 'reset', 'danger'])],
      'harmless ones first',
    );
    await page.click('[data-power-action=shutdown]');
    await row?.waitForSelector('[data-power=off]', { timeout: 10_000 });
    await page.waitForSelector('dialog[open] [data-power-action=on]');
    assert.equal(await page.$('[data-power-action=shutdown]'), null);
  });

  it('that do not answer are named to staff, with why', async () => {
    const { page } = await portal('support');
    const notice = await page.waitForSelector('[data-testid=failing-providers]');
    const words = await notice?.evaluate((element) => (element as HTMLElement).innerText);
    assert.match(words ?? '', /^away has not answered yet\. .*cannot be reached/);
  });

  it('are asked anew by a button, and what is new there is in the list', async () => {
    const { page } = await portal('support');
    one.vms.push({ id: 2, name: 'second', uname: 'alice', numbers: [3, 3], hosts: ['kvm1'] });
    await page.click('[data-testid=refresh]');
    await page.waitForSelector('[data-machine="one:2"]');
  });

  it('are asked, and what is searched for by then is what is looked at anew', async () => {
    const { page } = await portal('support');
    const searchOf = (url: string) => new URL(url).searchParams.get('q');
    const searched = page.waitForResponse((answer) => searchOf(answer.url()) === 'first');
    await page.click('[data-testid=refresh]');
    await page.type('[data-testid=search]', 'first');
    await searched;
    const isList = (url: string) => new URL(url).pathname === '/api/v1/machines';
    const request = await page.waitForRequest((sent) => isList(sent.url()));
    assert.equal(searchOf(request.url()), 'first');
    await page.waitForSelector('[data-testid=refresh]:not([aria-busy=true])');
    const rows = await page.$$eval('[data-machine]', (found) =>
      found.map((row) => row.getAttribute('data-machine')),
    );
    assert.deepEqual(rows, ['one:1']);
  });

  it('that could not be asked are no secret to who wanted it', async () => {
    const { page } = await portal('support');
    stage.network.cut();
    await page.click('[data-testid=refresh]');
    await page.waitForSelector('.list-head [role=alert] [data-testid=fault][data-code=network]');
    stage.network.resume();
    await page.waitForSelector('[data-testid=refresh]:not([aria-busy=true])');
    assert.ok(await page.$('[data-machine="one:1"]'), 'the list is as it was');
  });

  it('are nothing that customers hear of', async () => {
    const { page } = await portal('alice');
    assert.equal(await page.$('[data-testid=refresh], [data-testid=failing-providers]'), null);
  });
});
