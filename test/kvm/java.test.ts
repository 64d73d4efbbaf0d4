import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { before, describe, it } from 'mocha';
import { GatewayError } from '../../server/errors.ts';
import type { KvmJava, KvmRequest } from '../../server/providers/provider-context.ts';
import { Secret } from '../../server/secret.ts';
import { JavaBoard, type JavaFault } from '../simulators/java-board/java-board.ts';
import { cleanUp } from '../support/dispose.ts';
import { pixel } from '../support/image.ts';
import { logBook } from '../support/log-book.ts';
import { until } from '../support/until.ts';
import { javaOf } from './support/java.ts';
import { killProgram } from './support/processes.ts';
import { type OpenedKvm, TestScreens } from './support/screens.ts';
import { Viewer } from './support/viewer.ts';

const FAILED = '#2a1216';
const CONSOLE = '#008000';
/** A JVM starts slowly where much else runs. ms */
const START_MS = 110_000;

/** What a board may have wrong, and what is said of it. */
const FAULTS: readonly (readonly [JavaFault, string, RegExp])[] = [
  ['no-jnlp', 'kvm_page_changed', /no JNLP file \(HTTP 404\)/],
  ['no-archive', 'kvm_page_changed', /does not have the archive \/iKVM__V1/],
  ['packed', 'kvm_java_missing', /only Java 8 to 13 unpacks it/],
];

describe('a Java console', function () {
  this.timeout(300_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let screens: TestScreens;

  before(async () => {
    screens = await suite.start(TestScreens.start({ isolation: 'bubblewrap' }));
  });

  const open = async (
    { site }: JavaBoard,
    { java = javaOf(), on = screens, ...more }: Partial<KvmRequest> & { on?: TestScreens } = {},
  ): Promise<OpenedKvm> => {
    const opened = await on.open(site, { vendor: 'java', java, ...more });
    each.add(() => opened.endpoint.release());
    return opened;
  };
  const shows = async (board: JavaBoard, { faults, endpoint }: OpenedKvm): Promise<Viewer> => {
    const viewer = each.add(await Viewer.connect(endpoint));
    const begun = () => board.consoles === 1 || faults.length > 0;
    await until(begun, { timeout: START_MS, what: 'the console' });
    assert.deepEqual(faults, []);
    await until(() => viewer.type('a') && board.site.typed.includes('a'), {
      ...{ timeout: START_MS, every: 200, what: 'a key' },
    });
    return viewer;
  };
  const faultOf = async ({ faults }: OpenedKvm): Promise<GatewayError> => {
    await until(() => faults.length > 0, { timeout: START_MS, what: 'a fault' });
    const [fault] = faults;
    assert.ok(fault instanceof GatewayError);
    assert.match(fault.message, /^rack: u12: /);
    return fault;
  };
  const showsPixel = async (viewer: Viewer, colour: string): Promise<void> => {
    const seen = async () => pixel(await viewer.grab(), 20, 20) === colour;
    await until(seen, { timeout: START_MS, every: 200, what: `a picture in ${colour}` });
  };

  it('takes keys and clicks, reaches nothing but its board, tells no secret, and has nobody signed in afterwards', async () => {
    let strangers = 0;
    const other = createServer((socket) => {
      strangers += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    each.add(() => other.close());
    const { port } = other.address() as AddressInfo;
    const elsewhere = [`127.0.0.1/${port}/`, `127.0.0.2/${port}/`, '192.0.2.1/80/'];
    const board = await each.start(JavaBoard.start({ elsewhere }));
    const opened = await open(board, { display: { width: 1024, height: 768 } });
    const viewer = await shows(board, opened);
    viewer.typeText('reset!');
    await until(() => board.site.typed.endsWith('reset!'), { timeout: START_MS, what: 'the keys' });
    const clicked = () =>
      viewer.click(900, 700) ||
      board.site.inputs.some(({ type, x, y }) => type === 'mousedown' && x === 900 && y === 700);
    await until(clicked, { timeout: START_MS, every: 500, what: 'a click at its whole size' });
    await showsPixel(viewer, CONSOLE);
    const tried = board.site.inputs.filter(({ type }) => type === 'kept' || type === 'reached');
    const kept = elsewhere.map((key) => ({ type: 'kept', key }));
    assert.deepEqual([tried, strangers], [kept, 0]);
    const texts = await processTexts();
    assert.ok(texts.some((text) => text.includes('net.sourceforge.jnlp.runtime.Boot')));
    for (const text of texts) logBook.assertHoldsNoSecret(text, 'a process');
    assert.deepEqual([opened.faults, board.site.sessions.size], [[], 1]);
    await opened.endpoint.release();
    assert.deepEqual([board.site.sessions.size, board.consoles], [0, 0]);
    assert.ok(!(await processTexts()).some((text) => text.includes('launch.jnlp')));
  });

  it('of an AMI board has its cookie and its JNLP file filled in, without bubblewrap too', async () => {
    const board = await each.start(JavaBoard.start({ style: 'ami', socket: 'io' }));
    const on = await each.start(TestScreens.start({ isolation: 'processes' }));
    const opened = await open(board, { java: javaOf('ami'), on });
    await shows(board, opened);
    await opened.endpoint.release();
    assert.deepEqual([board.site.sessions.size, board.consoles], [0, 0]);
  });

  it('that its board ends is said to be lost, and is signed in at again for whoever comes back', async () => {
    const board = await each.start(JavaBoard.start());
    const opened = await open(board);
    await shows(board, opened);
    board.restart();
    assert.equal((await faultOf(opened)).status, 'bmc_lost');
    board.site.inputs.length = 0;
    await shows(board, { ...opened, faults: [] });
    await killProgram('java');
    await until(() => opened.faults.length > 1, { timeout: START_MS, what: 'a fault' });
    assert.equal((opened.faults[1] as GatewayError).status, 'kvm_crashed');
  });

  it('says what keeps it from being shown, in a status and as a picture', async () => {
    const board = await each.start(JavaBoard.start());
    const credentials = { username: board.site.username, password: new Secret('not this one') };
    const refused = await open(board, { credentials });
    assert.equal((await faultOf(refused)).status, 'provider_refused');
    await showsPixel(each.add(await Viewer.connect(refused.endpoint)), FAILED);
    for (const [fault, status, message] of FAULTS) {
      board.faults.add(fault);
      const opened = await open(board);
      const said = await faultOf(opened);
      assert.equal(said.status, status);
      assert.match(said.message, message);
      await opened.endpoint.release();
      board.faults.delete(fault);
      assert.equal(board.site.sessions.size, 0, `nobody is signed in after ${fault}`);
    }
    board.site.sessions.add('somebody');
    assert.equal((await faultOf(await open(board))).status, 'bmc_slots_full');
  });

  it('that Java does not run says so', async () => {
    const board = await each.start(JavaBoard.start());
    board.faults.add('unsigned');
    const said = await faultOf(await open(board));
    assert.equal(said.status, 'kvm_java_failed');
    assert.match(said.message, /is not signed/);
  });

  it('is not opened at all behind another certificate, or with a Java that is not here', async () => {
    const board = await each.start(JavaBoard.start());
    const fingerprint = 'ab'.repeat(32);
    const refused = { status: 'target_certificate_refused' };
    await assert.rejects(open(board, { trust: { fingerprint } }), refused);
    const javaVersion: KvmJava['javaVersion'] = { major: 7, orNewer: false };
    await assert.rejects(open(board, { java: javaOf('aten', { javaVersion }) }), {
      status: 'kvm_java_missing',
      message:
        /^rack: u12: its console needs Java 7 \(kvm\.java\.javaVersion\), and here there is Java /,
    });
    assert.deepEqual(board.site.calls, []);
  });
});

async function processTexts(): Promise<string[]> {
  const texts: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const file of ['cmdline', 'environ']) {
      texts.push(await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''));
    }
  }
  return texts;
}
