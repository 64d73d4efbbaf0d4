import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { before, describe, it } from 'mocha';
import type { Screen } from '../../server/kvm/runner.ts';
import { cleanUp } from '../support/dispose.ts';
import { type TempDir, makeTempDir } from '../support/temp-dir.ts';
import { until } from '../support/until.ts';
import { TestScreens } from './support/screens.ts';

/** What a program that has escaped from the browser would try first; it tells on descriptor 4. */
const ESCAPE = String.raw`
{
  try() { (exec 9<>"/dev/tcp/$1/$2") 2>/dev/null && echo "reached $1"; }
  try 127.0.0.1 "$1"
  try ::1 "$1"
  cat "$2" 2>/dev/null && echo "read $2"
  [ -r /etc/shadow ] && echo 'read shadow'
  ls /root >/dev/null 2>&1 && echo 'listed root'
  kill -0 "$3" 2>/dev/null && echo 'may signal the gateway'
  [ -e "/proc/$3/cmdline" ] && echo 'sees the gateway'
  [ "$(id -u)" = 0 ] && echo 'is root'
  grep -q '^CapEff:.*0000000000000000$' /proc/self/status || echo 'has rights'
  grep -q '^NoNewPrivs:.*1$' /proc/self/status || echo 'may gain rights'
  head -c 700M /dev/zero > "$HOME/fill" 2>/dev/null && echo 'filled its home without end'
  echo done
} >&4
sleep 60
`;

const READ_IMAGES = String.raw`
{
  cat /run/images/a.iso; echo
  (echo x > /run/images/a.iso) 2>/dev/null && echo 'changed an image'
  (echo x > /run/images/b.iso) 2>/dev/null && echo 'made an image'
  echo done
} >&4
sleep 60
`;

describe('a screen’s program that is not what it seems', function () {
  this.timeout(60_000);
  const suite = cleanUp();
  let secrets: TempDir;
  let port: number;
  let connections = 0;

  before(async () => {
    secrets = await suite.start(makeTempDir('secrets'));
    await writeFile(join(secrets.path, 'key'), randomBytes(8).toString('hex'), { mode: 0o600 });
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    suite.add(() => server.close());
    ({ port } = server.address() as AddressInfo);
  });

  /** What its program prints, to its end. */
  const linesOf = async (screen: Screen): Promise<string[]> => {
    const lines: string[] = [];
    for await (const line of createInterface(screen.channel.output)) {
      lines.push(line);
      if (line === 'done') break;
    }
    await screen.stop();
    return lines;
  };

  const told = async (isolation: 'bubblewrap' | 'processes', memory = 1024): Promise<string[]> => {
    const limits = { memory, cpus: 1 };
    const { runner } = await suite.start(TestScreens.start({ isolation, limits }));
    const given = [String(port), join(secrets.path, 'key'), String(process.pid)];
    const screen = await runner.start({
      size: { width: 320, height: 240, depth: 24 },
      program: { command: () => ['bash', '-c', ESCAPE, 'escape', ...given] },
      target: () => ({ host: '127.0.0.1', port: 1 }),
      onRefused: () => undefined,
      signal: new AbortController().signal,
    });
    return linesOf(screen);
  };

  it('reaches no address, no file and no process with bubblewrap, and has a home with an end', async () => {
    connections = 0;
    assert.deepEqual(await told('bubblewrap'), ['done']);
    assert.equal(connections, 0);
  });

  it('has no rights and no file of the gateway’s without it, where the gateway is root', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const lines = await told('processes', 384);
    const known = ['reached 127.0.0.1', 'sees the gateway', 'done'];
    assert.deepEqual(
      lines.filter((line) => !known.includes(line) && !line.startsWith('filled')),
      [],
    );
  });

  it('may read the disk images and change nothing of them', async () => {
    const images = await suite.start(makeTempDir('images'));
    await chmod(images.path, 0o777);
    await writeFile(join(images.path, 'a.iso'), 'the image');
    await chmod(join(images.path, 'a.iso'), 0o666);
    const { runner } = await suite.start(
      TestScreens.start({ isolation: 'bubblewrap', images: images.path }),
    );
    const screen = await runner.start({
      size: { width: 320, height: 240, depth: 24 },
      program: { command: () => ['bash', '-c', READ_IMAGES] },
      // As a Java console has it.
      sockets: { host: 'bmc', addresses: ['192.0.2.9'] },
      target: () => ({ host: '127.0.0.1', port: 1 }),
      onRefused: () => undefined,
      signal: new AbortController().signal,
    });
    const lines = await linesOf(screen);
    assert.deepEqual(lines, ['the image', 'done']);
    assert.equal(await readFile(join(images.path, 'a.iso'), 'utf8'), 'the image');
  });

  it('that takes too much memory is ended, and its screen with it', async function () {
    const { runner } = await suite.start(
      TestScreens.start({ isolation: 'bubblewrap', limits: { memory: 384, cpus: 1 } }),
    );
    const screen = await runner.start({
      size: { width: 320, height: 240, depth: 24 },
      program: {
        command: () => ['bash', '-c', "x=$(head -c 700M /dev/zero | tr '\\0' a); sleep 600"],
      },
      target: () => ({ host: '127.0.0.1', port: 1 }),
      onRefused: () => undefined,
      signal: new AbortController().signal,
    });
    let over = false;
    void screen.ended.then(() => {
      over = true;
    });
    await until(() => over, { timeout: 30_000, what: 'the end of the screen' });
  });
});
