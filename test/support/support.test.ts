import assert from 'node:assert/strict';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { processStartTime } from '../../server/platform/leftovers.ts';
import { startBrowser } from './browser.ts';
import { cleanUp, Disposables } from './dispose.ts';
import { ScriptedGuacd } from './guacd-script.ts';
import { compare, crop, encodePng, decodePng, pixel, scale } from './image.ts';
import { instruction } from './instructions.ts';
import { startRedis } from './redis.ts';
import { until } from './until.ts';
import { startVnc } from './vnc.ts';

describe('test support', () => {
  const own = cleanUp('each');

  it('grab sees what an X client painted', async () => {
    const vnc = await own.start(startVnc({ width: 320, height: 200, content: 'nothing' }));
    const before = await vnc.grab();
    await vnc.startX(
      'paint',
      'xlogo',
      ...'-bg #336699 -fg #336699 -bw 0'.split(' '),
      '-title',
      'paint',
      '-geometry',
      '100x50+20+30',
    );
    const seen = await until(
      async () => {
        const image = await vnc.grab();
        return pixel(image, 20, 30) === '#336699' && image;
      },
      { timeout: 5000, what: 'the paint' },
    );
    assert.equal(pixel(seen, 119, 79), '#336699');
    assert.equal(pixel(seen, 19, 30), '#000000');
    assert.equal(pixel(seen, 120, 79), '#000000');
    assert.ok(Math.abs(compare(before, seen) - (100 * 50) / (320 * 200)) < 0.01);
  });

  it('the input content tells keys and the pointer by their place on the screen', async () => {
    const vnc = await own.start(startVnc({ width: 320, height: 200, content: 'input' }));
    await vnc.runX('xdotool', 'mousemove', '17', '190', 'click', '3', 'key', 'ctrl+alt+Delete');
    const inputs = await until(
      async () => {
        const all = await vnc.inputs();
        return all.some(({ type, key }) => type === 'KeyRelease' && key === 'Delete') && all;
      },
      { timeout: 5000, what: 'the Delete key' },
    );
    const click = inputs.find(({ type }) => type === 'ButtonPress');
    assert.deepEqual([click?.x, click?.y, click?.button], [17, 190, 3]);
    const press = inputs.find(({ type, key }) => type === 'KeyPress' && key === 'Delete');
    assert.equal((press?.state ?? 0) & 0b1100, 0b1100, 'Control and Alt are held');
  });

  it('the demo desktop shows more than a plain screen, and all on it ends with it', async () => {
    const vnc = await own.start(startVnc({ content: 'desktop' }));
    const image = await vnc.grab();
    const still = crop(image, { x: 0, y: 0, width: image.width, height: 200 });
    assert.ok(compare(still, { ...still, data: new Uint8Array(still.data.length) }) > 0.3);
    // A job that its shell has let go of, and that hears no hang-up.
    await vnc.runX('xdotool', 'type', 'nohup sleep 987 & echo $! > job\n');
    const job = await until(async () => Number(await readFile(join(vnc.home, 'job'), 'utf8')), {
      timeout: 5000,
      what: 'the job',
    });
    assert.ok(process.kill(job, 0));
    await vnc.stop();
    await assert.rejects(access(vnc.home));
    await until(() => processStartTime(job) === undefined, { timeout: 2000, what: 'its end' });
  });

  it('a scaled picture is like the first, a shifted one is not', () => {
    const data = new Uint8Array(64 * 64 * 4).map((_, at) => (at % 4 === 0 ? at % 256 : 255));
    const image = { width: 64, height: 64, data };
    assert.equal(compare(scale(image, 128, 128), image), 0);
    assert.deepEqual(decodePng(encodePng(image)), { ...image, data: Buffer.from(data) });
    assert.throws(() => crop(image, { x: 1, y: 0, width: 64, height: 64 }), RangeError);
    const left = crop(image, { x: 0, y: 0, width: 32, height: 64 });
    const right = crop(image, { x: 32, y: 0, width: 32, height: 64 });
    assert.ok(compare(left, right) > 0.9);
  });

  it('redis keeps what was written through a kill when it is append-only', async () => {
    const redis = await own.start(startRedis({ password: 'p w/', appendOnly: true }));
    const ask = (command: string) => redisAnswer(redis.port, `AUTH "p w/"\r\n${command}\r\n`);
    assert.match(await ask('SET kept 1'), /^\+OK\r\n\+OK/);
    await redis.kill();
    await assert.rejects(ask('GET kept'), { code: 'ECONNREFUSED' });
    await redis.restart();
    assert.match(await ask('GET kept'), /^\+OK\r\n\$1\r\n1/);
    assert.match(await redisAnswer(redis.port, 'GET kept\r\n'), /^-NOAUTH/);
  });

  it('a scripted guacd shakes hands and dribbles', async () => {
    const guacd = own.add(await ScriptedGuacd.start());
    const socket = connect({ host: guacd.host, port: guacd.port });
    own.add(() => socket.destroy());
    const connection = await guacd.nextConnection();
    const values = connection.handshake('VERSION_1_5_0', ['hostname', 'name']);
    socket.write(instruction('select', 'vnc') + instruction('size', 1, 2, 3));
    socket.write(instruction('connect', 'VERSION_1_5_0', 'host', 'ключ 🔑'));
    assert.deepEqual(await values, { hostname: 'host', name: 'ключ 🔑' });
    assert.deepEqual(connection.greeting[1], ['size', '1', '2', '3']);
    await connection.dribble(instruction('sync', 1));
    const [data] = (await once(socket, 'data')) as [Buffer];
    assert.match(data.toString(), /^4\.args,13\.VERSION_1_5_0,8\.hostname,4\.name;/);
    socket.destroy();
    await connection.closed;
    await assert.rejects(connection.readInstruction(), /closed/);
  });

  it('the browser shows a page, keeps its errors, and shares nothing between pages', async () => {
    const site = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end(
        `<body style="background:#123456"><script>
        document.title = localStorage.length; localStorage.x = 1; throw new Error('planted');
        </script>`,
      );
    }).listen(0, '127.0.0.1');
    await once(site, 'listening');
    own.add(() => site.close());
    const { port } = site.address() as { port: number };
    const browser = await own.start(startBrowser());
    for (const width of [300, 200]) {
      const tab = await own.start(browser.newPage({ width, height: 100 }));
      await tab.page.goto(`http://127.0.0.1:${port}/`);
      const image = await tab.screenshot();
      assert.deepEqual([image.width, image.height], [width, 100]);
      assert.equal(pixel(image, width - 1, 99), '#123456');
      assert.equal(await tab.page.title(), '0');
      assert.match(tab.errors.join(), /planted/);
    }
  });

  it('disposes of all parts in reverse order, also when one fails', async () => {
    const parts = new Disposables();
    const order: number[] = [];
    parts.add(() => order.push(1));
    parts.add(() => Promise.reject(new Error('stuck')));
    parts.add({ stop: () => order.push(3) });
    await assert.rejects(parts.disposeAll(), /stuck/);
    assert.deepEqual(order, [3, 1]);
    await parts.disposeAll();
    assert.deepEqual(order, [3, 1]);
  });
});

/** Redis's answer to inline commands, up to a pause of 100 ms. */
async function redisAnswer(port: number, commands: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, timeout: 100 });
  socket.on('timeout', () => socket.end());
  socket.write(commands);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
