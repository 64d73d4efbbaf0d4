import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { cleanUp } from '../support/dispose.ts';
import { type VncPeer, startVnc } from '../support/vnc.ts';
import { Door } from '../integration/support/door.ts';
import type { ConsolePage } from './support/console-page.ts';
import { Stage, machine } from './support/stage.ts';
import { typedFile } from './support/typed-file.ts';

describe('when a part fails, the page', function () {
  this.slow(8000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let terminal: VncPeer;
  let door: Door;
  let stage: Stage;

  before(async function () {
    this.timeout(40_000);
    terminal = await suite.start(startVnc({ content: 'terminal' }));
    door = await suite.start(Door.start(terminal));
    const { host, password } = terminal;
    const machines = [
      machine('shell', terminal),
      machine('behind-a-door', { host, port: door.port, password }),
      machine('locked', { host, port: terminal.port, password: 'wrong-password' }),
    ];
    stage = await Stage.start(suite, { machines });
  });

  afterEach(() => door.open());

  async function assertTypes(page: ConsolePage, name: string): Promise<void> {
    await page.page.keyboard.type(`echo hello > ${name}\n`);
    assert.equal(await typedFile(terminal, name), 'hello\n');
  }

  it('says that guacd went in mid-session, and is back when guacd is', async () => {
    const page = await stage.show(each, { machine: 'lab:shell' });
    await stage.guacd.kill();
    await page.reaches('lost');
    await page.says(/display service/);
    await page.says(/Reconnecting in/);
    await stage.guacd.restart();
    await page.reaches('connected');
    await assertTypes(page, 'after-guacd');
    page.assertClean();
  });

  it('says that guacd is not there when the console opens, and opens it when it is', async () => {
    await stage.guacd.kill();
    const page = await stage.open(each, { machine: 'lab:shell' });
    await page.faulted('guacd_unavailable');
    await stage.guacd.restart();
    await page.reaches('connected');
    page.assertOnlyNetworkErrors();
  });

  it('says that the machine refused the stored password, and does not try for ever', async () => {
    const page = await stage.open(each, { machine: 'lab:locked' });
    await page.reaches('ended');
    await page.faulted('target_credentials_refused');
    await page.says(/did not accept the user name or password/);
    const { state, reason } = await stage.reaches(page.id, (view) => view.state === 'closed');
    assert.deepEqual([state, reason], ['closed', 'failed']);
    assert.equal(await page.page.$('.countdown'), null);
    page.assertOnlyRefusals(410);
  });

  it('says that the machine is gone, and is back when the machine is', async () => {
    const page = await stage.show(each, { machine: 'lab:behind-a-door' });
    await door.shut();
    await page.reaches('lost');
    await page.says(/The machine ended the connection|The machine cannot be reached/);
    await page.faulted('target_unreachable');
    await door.open();
    await page.reaches('connected', 15_000);
    await assertTypes(page, 'after-the-machine');
    page.assertClean();
  });

  it('says that the machine is not there when the console opens', async () => {
    await door.shut();
    const page = await stage.open(each, { machine: 'lab:behind-a-door' });
    await page.faulted('target_unreachable');
    await door.open();
    await page.reaches('connected', 15_000);
    page.assertClean();
  });

  it('goes on while Redis is away, and after it is back', async () => {
    const page = await stage.show(each, { machine: 'lab:shell' });
    await stage.redis.kill();
    await assertTypes(page, 'without-redis');
    assert.equal(await page.state(), 'connected');
    await stage.redis.restart();
    await assertTypes(page, 'after-redis');
    assert.equal(await page.state(), 'connected');
    await page.page.reload({ waitUntil: 'domcontentloaded' });
    await page.reaches('connected');
    page.assertOnlyNetworkErrors();
  });

  it('says so when the gateway restarts, and is back when that is', async () => {
    const page = await stage.show(each, { machine: 'lab:shell' });
    await stage.stopGateway();
    await page.reaches('lost');
    await page.page.waitForSelector('[data-testid=fault]');
    await page.says(/The gateway is restarting|no connection to the gateway/);
    await stage.startGateway();
    await page.reaches('connected', 15_000);
    await assertTypes(page, 'after-the-gateway');
    page.assertOnlyNetworkErrors();
  });
});
