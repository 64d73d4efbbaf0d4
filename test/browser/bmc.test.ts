import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { before, describe, it } from 'mocha';
import { BmcSite } from '../simulators/bmc-pages/bmc-site.ts';
import { idrac } from '../simulators/bmc-pages/idrac.ts';
import { ilo } from '../simulators/bmc-pages/ilo.ts';
import { megarac } from '../simulators/bmc-pages/megarac.ts';
import { supermicro } from '../simulators/bmc-pages/supermicro.ts';
import { JavaBoard } from '../simulators/java-board/java-board.ts';
import { cleanUp } from '../support/dispose.ts';
import { IpmiPeer } from '../support/ipmi.ts';
import { until } from '../support/until.ts';
import type { ConsolePage } from './support/console-page.ts';
import { Stage } from './support/stage.ts';

const MAKERS = [
  { id: 'ilo6', vendor: 'hpe', pages: ilo(6) },
  { id: 'ilo5', vendor: 'hpe', pages: ilo(5) },
  { id: 'idrac9', vendor: 'dell', pages: idrac('restgui') },
  { id: 'idrac9-console', vendor: 'dell', pages: idrac('console') },
  { id: 'x12', vendor: 'supermicro', pages: supermicro('redfish') },
  { id: 'x11', vendor: 'supermicro', pages: supermicro('pages') },
  { id: 'megarac', vendor: 'ami', pages: megarac },
] as const;
/** Java starts slowly where much else runs. ms */
const CONSOLE_MS = 110_000;

describe('a server in a browser, by its BMC', function () {
  this.slow(15_000);
  this.timeout(180_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  const sites = new Map<string, BmcSite>();
  let board: JavaBoard;
  let serial = '';
  let stage: Stage;

  before(async () => {
    const port = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => (serial += chunk.toString('latin1')));
      suite.add(() => void socket.destroy());
    }).listen(0, '127.0.0.1');
    suite.add(() => port.close());
    await once(port, 'listening');
    const { port: serialPort } = port.address() as AddressInfo;
    const ipmi = await suite.start(IpmiPeer.start({ serialPort }));
    board = await suite.start(JavaBoard.start());
    const hostOf = (id: string, { url, fingerprint, username, password }: BmcSite) => ({
      ...{ id, address: '127.0.0.1', port: Number(new URL(url).port), redfish: false },
      ...{ fingerprint, username, password },
      ipmi: { port: ipmi.port, cipherSuite: 3, ...ipmi.admin },
    });
    const hosts: object[] = [{ ...hostOf('x9', board.site), kvm: { driver: 'java', java: {} } }];
    for (const { id, vendor, pages } of MAKERS) {
      const site = await suite.start(BmcSite.start(pages));
      sites.set(id, site);
      hosts.push({ ...hostOf(id, site), vendor });
    }
    const providers = [{ id: 'metal', type: 'bmc', hosts }];
    stage = await Stage.start(suite, { machines: [], config: { providers } });
  });

  const show = (id: string, kind: string): Promise<ConsolePage> =>
    stage.show(each, { machine: `metal:${id}`, kind });
  /** What is typed before a console listens is lost. */
  const types = (console: ConsolePage, arrived: () => boolean) =>
    until(async () => arrived() || (await console.page.keyboard.type('hello')), {
      ...{ timeout: 60_000, every: 200, what: 'what is typed' },
    });

  for (const { id, vendor } of MAKERS) {
    it(`takes what is typed into the page of ${vendor}’s ${id}`, async () => {
      const site = sites.get(id);
      const console = await show(id, 'kvm');
      await until(() => site?.consoles === 1, { timeout: CONSOLE_MS, what: 'the console' });
      await types(console, () => site?.typed.includes('hello') === true);
      console.assertClean();
    });
  }

  it('takes what is typed into a Java program', async () => {
    const console = await show('x9', 'kvm');
    await until(() => board.consoles === 1, { timeout: CONSOLE_MS, what: 'the console' });
    await types(console, () => board.site.typed.includes('hello'));
    console.assertClean();
  });

  it('takes what is typed into its serial line', async () => {
    const console = await show('x9', 'sol');
    await types(console, () => serial.includes('hello'));
    console.assertClean();
  });
});
