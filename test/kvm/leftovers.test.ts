import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { before, describe, it } from 'mocha';
import { processStartTime } from '../../server/platform/leftovers.ts';
import { probe } from '../../server/tunnel/probe.ts';
import { BmcSite } from '../simulators/bmc-pages/bmc-site.ts';
import { ilo } from '../simulators/bmc-pages/ilo.ts';
import { plainBoard } from '../simulators/bmc-pages/plain-board.ts';
import { cleanUp } from '../support/dispose.ts';
import { until } from '../support/until.ts';
import { controlGroupsOf, descendants } from './support/processes.ts';
import { TestScreens } from './support/screens.ts';

const SCRIPT = join(import.meta.dirname, 'support/screen-process.ts');

describe('what a screen leaves', function () {
  this.timeout(60_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let site: BmcSite;

  before(async () => {
    site = await suite.start(BmcSite.start(plainBoard));
  });

  const start = (isolation: string, ...wrapper: string[]): ChildProcess => {
    const { url, fingerprint, username, password } = site;
    const given = [isolation, url, fingerprint, username, password];
    const [command, ...args] = [...wrapper, process.execPath, '--import', 'tsx', SCRIPT];
    const child = spawn(command, [...args, ...given], { stdio: ['ignore', 'pipe', 'inherit'] });
    each.add(() => child.kill('SIGKILL'));
    return child;
  };
  const firstLine = async ({ stdout }: ChildProcess): Promise<string> => {
    assert.ok(stdout);
    const [line] = (await once(createInterface(stdout), 'line')) as [string];
    return line;
  };
  const foldersOf = async (pid: number): Promise<string[]> => {
    const names = await readdir(tmpdir());
    return names.filter((name) => name.startsWith(`rackside-kvm-${pid}-`));
  };

  it('is no session of a BMC that is just about to sign somebody in', async () => {
    const slow = await each.start(BmcSite.start(ilo(6)));
    const screens = await each.start(TestScreens.start());
    // The page's own, which alone has a session that only the browser knows.
    const signingIn = slow.hold('POST /json/login_session');
    const { endpoint } = await screens.open(slow, { vendor: 'hpe' });
    await until(() => signingIn.count > 0, { timeout: 30_000, what: 'the sign-in' });
    const released = endpoint.release();
    // From the moment on that nobody comes to the screen any more, it is being ended.
    const isShut = async () => (await probe(endpoint, 1000)) === 'refused';
    await until(isShut, { timeout: 5000, what: 'the end to begin' });
    signingIn.answer();
    await released;
    await until(() => signingIn.count === 0, { timeout: 5000, what: 'what came of it' });
    assert.equal(slow.sessions.size, 0);
  });

  for (const isolation of ['bubblewrap', 'processes']) {
    it(`is nothing after its gateway was killed (${isolation})`, async () => {
      site.sessions.clear();
      const gateway = start(isolation);
      const pid = gateway.pid ?? 0;
      assert.equal(await firstLine(gateway), 'open');
      await until(() => site.consoles === 1, { timeout: 20_000, what: 'the console' });
      const marks = (await descendants(pid)).map((found) => ({
        ...found,
        startedAt: processStartTime(found.pid),
      }));
      assert.ok(marks.some(({ name }) => name === 'chromium'));
      assert.ok(marks.some(({ name }) => name === 'Xtigervnc'));
      const displays = await locksOf(marks.map((mark) => mark.pid));
      gateway.kill('SIGKILL');
      await once(gateway, 'exit');
      const alive = () => marks.filter((mark) => processStartTime(mark.pid) === mark.startedAt);
      await until(() => alive().length === 0, { timeout: 10_000, what: 'the end of it all' }).catch(
        (cause: unknown) => {
          const left = alive().map((mark) => `${mark.name} (${mark.pid})`);
          throw new Error(`there still are ${left.join(', ')}`, { cause });
        },
      );
      // Told by the ends of its connections, which it hears of when it is its turn.
      await until(() => site.consoles === 0, { timeout: 2000, what: 'the console to be free' });

      const screens = each.add(await TestScreens.start());
      await screens.runner.sweep();
      assert.deepEqual(await foldersOf(pid), []);
      assert.deepEqual(await controlGroupsOf(pid), []);
      for (const lock of displays) {
        assert.ok(!(await readdir(tmpdir())).includes(lock), `${lock} is gone`);
      }
    });
  }

  it('is nothing where the disk is full, which is said', async () => {
    const mount =
      'mount -t tmpfs -o size=8k none "$0" && TSX_DISABLE_CACHE=1 TMPDIR="$0" exec "$@"';
    const { dataDir } = suite.add(await TestScreens.start());
    const wrapper = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', mount, dataDir];
    const gateway = start('processes', ...wrapper);
    const line = await firstLine(gateway);
    assert.match(line, /^kvm_unavailable: no screen can be started: the disk is full$/);
    // tsx's compiler is the test's own.
    const left = (await descendants(gateway.pid)).filter(({ name }) => name !== 'esbuild');
    assert.deepEqual(left, []);
  });
});

/** Names of the locks of these X servers. */
async function locksOf(pids: readonly number[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(tmpdir())) {
    if (!/^\.X\d+-lock$/.test(name)) continue;
    const pid = Number(await readFile(join(tmpdir(), name), 'utf8').catch(() => ''));
    if (pids.includes(pid)) found.push(name);
  }
  return found;
}
