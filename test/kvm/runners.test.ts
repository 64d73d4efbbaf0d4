import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, type Server, createServer } from 'node:net';
import { join } from 'node:path';
import { type Interface, createInterface } from 'node:readline';
import { before, describe, it } from 'mocha';
import { GuacdBridges } from '../../server/bridges/guacd-bridges.ts';
import type { Screen, ScreenSpec } from '../../server/kvm/runner.ts';
import { BmcSite } from '../simulators/bmc-pages/bmc-site.ts';
import { BOARD_FORM, plainBoard } from '../simulators/bmc-pages/plain-board.ts';
import { cleanUp } from '../support/dispose.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { descendants } from './support/processes.ts';
import { RUNNERS, TestHost, TestRunner } from './support/runners.ts';
import { TestScreens } from './support/screens.ts';
import { Viewer } from './support/viewer.ts';

const PROCESS = join(import.meta.dirname, 'support/runner-process.ts');

/** Tells what it hears, and what the proxy says of addresses that it is given. */
const TALK = String.raw`
while read -r word host port; do
  case "$word" in
    ask)
      exec 9<>"/dev/tcp/$1/$2" || exit 1
      printf 'CONNECT %s HTTP/1.1\r\nhost: %s\r\n\r\n' "$host:$port" "$host:$port" >&9
      read -r answer <&9; exec 9>&-; echo "$answer" ;;
    go) (exec 9<>"/dev/tcp/$host/$port") 2>/dev/null && echo reached || echo nobody ;;
    die) echo 'gone wrong' >&2; exit 3 ;;
    *) echo "heard $word" ;;
  esac
done <&3 >&4
`;

describe('a runner of screens', function () {
  this.timeout(120_000);
  const all = cleanUp();
  let redis: string;
  let server: Server;
  let port: number;
  let connections = 0;

  before(async () => {
    ({ url: redis } = await all.start(startRedis()));
    server = createServer((socket) => {
      connections += 1;
      socket.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    all.add(() => server.close());
    ({ port } = server.address() as AddressInfo);
  });

  for (const kind of RUNNERS) {
    describe(kind, () => {
      const suite = cleanUp();
      const each = cleanUp('each');
      let host: TestHost;
      let gateway: TestRunner;
      const refused: string[] = [];

      before(async () => {
        host = await suite.start(TestHost.start(kind, redis));
        gateway = await suite.start(TestRunner.start(host.place, { screens: 2 }));
        await gateway.replicas.show();
      });

      const spec = (more: Partial<ScreenSpec> = {}): ScreenSpec => ({
        size: { width: 320, height: 240, depth: 24 },
        program: { command: ({ proxy }) => ['bash', '-c', TALK, 'talk', ...proxy.split(':')] },
        target: () => ({ host: '127.0.0.1', port }),
        onRefused: (address) => refused.push(address),
        signal: new AbortController().signal,
        ...more,
      });
      const start = async (more: Partial<ScreenSpec> = {}): Promise<Screen> =>
        each.add(await gateway.runner.start(spec(more)));
      const say = async (screen: Screen, lines: Interface, words: string): Promise<string> => {
        const answer = once(lines, 'line') as Promise<[string]>;
        screen.channel.input.write(`${words}\n`);
        return (await answer)[0];
      };

      it('has a program that is spoken with, and a screen that several look at', async () => {
        const screen = await start();
        const lines = createInterface(screen.channel.output);
        assert.equal(await say(screen, lines, 'hello'), 'heard hello');
        const seen = await Promise.all(
          [1, 2, 3].map(async () => {
            const stream = each.add(
              await screen.reach().then((found) => ({ found, stop: () => found.destroy() })),
            );
            return String((await once(stream.found, 'data'))[0]);
          }),
        );
        assert.deepEqual(seen, Array(3).fill('RFB 003.008\n'));
        assert.equal((await host.left()).length, 1);
        await screen.stop();
        await screen.stop();
        assert.deepEqual(await host.left(), []);
        await assert.rejects(screen.reach(), { status: 'kvm_crashed' });
      });

      it('lets its program reach the one address by the proxy, and nobody by itself', async () => {
        const screen = await start();
        const lines = createInterface(screen.channel.output);
        connections = 0;
        refused.length = 0;
        const own = `127.0.0.1 ${port}`;
        assert.equal(await say(screen, lines, `go ${own}`), 'nobody');
        assert.equal(await say(screen, lines, 'go 192.0.2.1 80'), 'nobody');
        assert.equal(connections, 0);
        assert.match(await say(screen, lines, `ask ${own}`), /^HTTP\/1\.1 200 /);
        assert.match(await say(screen, lines, 'ask 127.0.0.1 1'), /^HTTP\/1\.1 403 /);
        assert.match(await say(screen, lines, 'ask localhost 22'), /^HTTP\/1\.1 403 /);
        assert.deepEqual(refused, ['127.0.0.1:1', 'localhost:22']);
        await until(() => connections === 1, { timeout: 5000, what: 'the connection' });
      });

      it('takes what viewers type only while it is told to', async () => {
        const command = () => ['bash', '-c', 'exec xev -event keyboard >&4'];
        const screen = await start({ program: { command } });
        let seen = '';
        screen.channel.output.on('data', (chunk: Buffer) => {
          seen += chunk.toString();
        });
        const bridges = new GuacdBridges({ listen: '127.0.0.1' });
        const endpoint = await bridges.open({
          reach: async () => ({ stream: await screen.reach() }),
          ...{ signal: new AbortController().signal, onFault: () => undefined },
        });
        each.add(() => endpoint.release());
        const viewer = each.add(await Viewer.connect(endpoint));
        viewer.type('x');
        // What comes later has been answered.
        await viewer.grab();
        screen.acceptInput(true);
        await until(() => viewer.type('a') && /keysym 0x61, a/.test(seen), {
          ...{ timeout: 30_000, every: 200, what: 'a key' },
        });
        assert.doesNotMatch(seen, /keysym 0x78, x/);
        screen.acceptInput(false);
        await until(
          async () => {
            const length = seen.length;
            viewer.type('b');
            await viewer.grab();
            return seen.length === length;
          },
          { timeout: 30_000, every: 200, what: 'keys that do not count' },
        );
      });

      it('tells the last words of a program that has died, and leaves nothing of it', async () => {
        const screen = await start();
        screen.channel.input.write('die\n');
        assert.match(await screen.ended, /gone wrong/);
        await until(async () => (await host.left()).length === 0, {
          timeout: 30_000,
          what: 'the end',
        });
      });

      it('has as many as are allowed, and says so', async () => {
        const screens = await Promise.all([start(), start()]);
        await assert.rejects(start(), { status: 'kvm_unavailable', message: /as many .* \(2\)/ });
        await Promise.all(screens.map((screen) => screen.stop()));
        await (await start()).stop();
      });

      it('leaves nothing of one for which nobody waits any more', async () => {
        const abort = new AbortController();
        const starting = start({ signal: abort.signal });
        setImmediate(() => abort.abort(new Error('nobody waits')));
        await assert.rejects(starting, /nobody waits/);
        assert.deepEqual(await host.left(), []);
      });

      it('leaves nothing when its gateway is killed', async () => {
        const { child, pid } = await killable();
        child.kill('SIGKILL');
        await once(child, 'exit');
        // What is left of a pod is the cluster's note of it.
        if (kind === 'local') await gateway.runner.sweep();
        if (kind === 'container') {
          await until(async () => (await host.left()).length === 0, {
            timeout: 30_000,
            what: 'the end',
          });
        }
        if (kind === 'kubernetes') await sweepUntilEmpty();
        assert.deepEqual(await host.left(pid), []);
      });

      if (kind !== 'local') {
        it('removes what hangs when its gateway is dead, and nothing of one that lives', async () => {
          const screen = await start();
          const [own] = await host.left();
          const { child } = await killable();
          const hanging = (await host.containers()).find(({ name }) => name !== own);
          for (const { pid } of await descendants(hanging?.pid ?? 0)) stopIfThere(pid);
          child.kill('SIGKILL');
          await once(child, 'exit');
          const sweeper = await each.start(TestRunner.start(host.place));
          await sweeper.runner.sweep();
          assert.equal(
            (await host.left()).length,
            2,
            'at the first look it may be Redis that was away',
          );
          await gateway.replicas.show();
          await sweeper.runner.sweep();
          await until(async () => (await host.left()).length === 1, {
            timeout: 30_000,
            what: 'the end',
          });
          assert.deepEqual(await host.left(), [own]);
          const lines = createInterface(screen.channel.output);
          assert.equal(await say(screen, lines, 'hello'), 'heard hello');
        });

        it('shows the console of a BMC in its own Chromium', async () => {
          const site = await each.start(BmcSite.start(plainBoard));
          const screens = await each.start(TestScreens.start({ runner: gateway.runner }));
          const { endpoint, faults } = await screens.open(site, { form: BOARD_FORM });
          const viewer = each.add(await Viewer.connect(endpoint));
          await until(() => viewer.type('a') && site.typed.includes('a'), {
            ...{ timeout: 40_000, every: 200, what: 'a key' },
          });
          assert.deepEqual([faults, site.sessions.size], [[], 1]);
          await endpoint.release();
          assert.deepEqual([site.sessions.size, site.consoles], [0, 0]);
          assert.deepEqual(await host.left(), []);
        });
      }

      /** A gateway in a process of its own, whose screen shows. */
      async function killable() {
        const told = JSON.stringify(host.place);
        const child = spawn(process.execPath, ['--import', 'tsx', PROCESS, told], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        each.add(() => child.kill('SIGKILL'));
        const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
        assert.equal(line, 'started');
        return { child, pid: child.pid ?? 0 };
      }

      async function sweepUntilEmpty(): Promise<void> {
        await until(
          async () => {
            await gateway.runner.sweep();
            return (await host.left()).length === 0;
          },
          { timeout: 30_000, every: 100, what: 'the end of the pods' },
        );
      }
    });
  }
});

/** One of a screen's short-lived programs may have ended since it was seen. */
function stopIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGSTOP');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
