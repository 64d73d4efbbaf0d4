import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import { Arrivals } from '../support/arrivals.ts';
import { cleanUp } from '../support/dispose.ts';
import { type Held, TestGateway, type TestTunnel } from '../support/gateway.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startVnc } from '../support/vnc.ts';
import { share, watch } from './support/sharing.ts';

/** For which the holder's picture may stand still, in milliseconds: a busy machine's pause. */
const STILL = 8000;

/** A real guacd, which writes to one user after the other, and a screen that never rests. */
describe('a viewer who does not keep up', function () {
  this.timeout(90_000);
  const suite = cleanUp();
  const each = cleanUp('each');
  let gateway: TestGateway;
  let opened: Held;
  let holder: Frames;

  before(async function () {
    this.timeout(60_000);
    const [redis, guacd, vnc] = await Promise.all([
      suite.start(startRedis()),
      suite.start(startGuacd()),
      suite.start(startVnc({ content: 'nothing' })),
    ]);
    await writeFile(join(vnc.home, 'noise'), noise());
    const scroll = ['sh', '-c', 'while :; do cat noise; sleep 0.05; done'];
    const font = ['-fa', 'Mono', '-fs', '6', '-geometry', '400x200+0+0'];
    await vnc.startX('noise', 'xterm', '-T', 'noise', ...font, '-e', ...scroll);
    const { host, port } = vnc;
    const password = logBook.secret(vnc.password);
    const machines = [{ id: 'desk', consoles: { vnc: { host, port, password } } }];
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines }));
    opened = await gateway.openRedeemed({ machine: 'lab:desk', user: 'alice' });
    holder = new Frames(suite.add(await gateway.tunnel(opened)));
    await holder.more(10);
  });

  async function view(): Promise<Frames> {
    const viewer = await watch(gateway, opened, await share(gateway, opened));
    // guacd 1.3.0 garbles the stream of who joins a screen that is being drawn: a page comes again.
    for (let times = 0; times < 10; times += 1) {
      const frames = new Frames(each.add(await gateway.tunnel(viewer)));
      const came = frames.more(1, 10_000).then(() => true);
      const ended = frames.tunnel.closed.then(() => false);
      if (await Promise.race([came, ended]).catch(() => false)) return frames;
      came.catch(() => undefined);
    }
    throw new Error('the viewer sees nothing');
  }
  const viewers = async () => (await gateway.view(opened.id)).viewers;

  it('holds nobody up by answering late', async () => {
    const late = await view();
    // guacd takes a user's first answers for what their line needs, and what is later for lag.
    late.answerAfter(0);
    await late.more(10);
    late.answerAfter(3000);
    const end = performance.now() + 8000;
    while (performance.now() < end) await holder.more(1, 2000);
  });

  it('is sent away to come again, when they read nothing; the holder’s picture goes on', async () => {
    const { tunnel } = await view();
    tunnel.socket.pause();
    await until(
      async () => {
        await holder.more(1);
        return (await viewers()).every(({ connected }) => !connected);
      },
      { timeout: 60_000, what: 'the viewer to be sent away' },
    );
    await holder.more(20);
    tunnel.socket.resume();
    // The closing handshake is given up when they go on reading nothing (1006).
    assert.ok([1013, 1006].includes((await tunnel.closed).code));
    await view();
  });
});

/** Counts the frames of a page that keeps nothing of them, and answers none unless told to. */
class Frames {
  readonly tunnel: TestTunnel;
  #seen = 0;
  #answerAfter: number | null = null;
  readonly #arrivals = new Arrivals();

  constructor(tunnel: TestTunnel) {
    this.tunnel = tunnel;
    tunnel.socket.removeAllListeners('message');
    tunnel.socket.on('message', (data: Buffer) => {
      for (const [, time = ''] of data.toString('latin1').matchAll(/4\.sync,\d+\.(\d+)/g)) {
        this.#frame(time);
      }
    });
  }

  /** From now on each frame is answered so many milliseconds later. */
  answerAfter(delay: number): void {
    this.#answerAfter = delay;
  }

  /** Resolves after so many frames more; rejects after `timeout` ms. */
  async more(count: number, timeout = STILL): Promise<void> {
    const enough = this.#seen + count;
    await this.#arrivals.next(
      () => this.#seen >= enough || undefined,
      timeout,
      () => `${enough - this.#seen} of ${count} frames did not come`,
    );
  }

  #frame(time: string): void {
    this.#seen += 1;
    this.#arrivals.came();
    if (this.#answerAfter === null) return;
    const { socket } = this.tunnel;
    setTimeout(() => {
      if (socket.readyState === socket.OPEN) socket.send(`4.sync,${time.length}.${time};`);
    }, this.#answerAfter);
  }
}

/** Text in which each character has colours of its own: a screen of it compresses badly. */
function noise(): string {
  return Array.from(randomBytes(60_000), (byte, at) => {
    const colour = `\u001b[${at % 2 ? 38 : 48};5;${byte}m`;
    return `${colour}${String.fromCharCode(33 + (byte % 90))}`;
  }).join('');
}
