import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Xvnc, startXvnc } from '../../../../server/demo/xvnc.ts';
import { windowShown } from '../../../../server/demo/window-shown.ts';
import { startChild } from '../../../../server/platform/child-process.ts';
import { descendantsOf } from '../../../integration/support/process-view.ts';
import { Disposables } from '../../../support/dispose.ts';
import { inTempDir } from '../../../support/temp-dir.ts';
import { until } from '../../../support/until.ts';
import type { ConsolePage } from '../console-page.ts';
import { Stage } from '../stage.ts';
import { filmFrames, SCREEN } from './frames.ts';
import { QemuScreen } from './qemu-screen.ts';
import { XFilm } from './x-film.ts';

const run = promisify(execFile);

/** What guacd asks for when it is told nothing (guacamole-server, src/protocols/vnc/settings.c). */
export const GUACD_DEFAULT = 'zrle ultra copyrect hextile zlib corre rre raw';

const SERVERS = ['TigerVNC', 'QEMU'] as const;
type Server = (typeof SERVERS)[number];
const CONTENTS = ['film', 'text'] as const;
type Content = (typeof CONTENTS)[number];

/** Medians of all rounds. */
export interface PictureRate {
  readonly server: Server;
  readonly content: Content;
  readonly encodings: string;
  /** Changes of the picture in the page, a second. */
  readonly frames: number;
  /** Per cent of one processor. */
  readonly guacd: number;
  readonly vncServer: number;
}

export interface PictureRateOptions {
  readonly encodings: readonly string[];
  readonly rounds: number;
  /** Of one look. */
  readonly seconds: number;
}

/** Offered pictures a second. */
export const OFFERED: Readonly<Record<Content, number>> = { film: 25, text: 30 };

const FILM_LENGTH = 10;
/** Of a line of text in the picture that is scrolled at QEMU's, in pixels. */
const LINE = 13;
/** The page's bar is above the picture. */
const WINDOW = { width: SCREEN.width, height: SCREEN.height + 44 };
/** Changes of a new picture until it runs steadily, and how long they may take. ms */
const WARM_UP = { most: 12, ms: 15_000 };

/** /proc counts in these (sysconf _SC_CLK_TCK, 100 on every Linux that Node runs on). Seconds. */
const TICK = 0.01;

/**
 * How many pictures a second a person sees of a whole screen that moves: in Chromium, through the gateway
 * and guacd, by each list of encodings in turn, so that what else the machine does meets all alike.
 */
export async function* measurePictures(options: PictureRateOptions): AsyncGenerator<PictureRate> {
  const started = new Disposables();
  try {
    const dir = started.add(await inTempDir('pictures', async (made) => made));
    const screen = await started.start(startXvnc({ ...SCREEN, dir: dir.path }));
    const machine = await started.start(QemuScreen.start());
    const film = filmFrames(FILM_LENGTH);
    const targets = { TigerVNC: screen, QEMU: machine };
    const machines = SERVERS.flatMap((server) =>
      options.encodings.map((encodings, index) => {
        const { host, port } = targets[server];
        const password = server === 'TigerVNC' ? { password: screen.password } : {};
        const vnc = { host, port, ...password, params: { encodings } };
        return { id: `${server}-${index}`, consoles: { vnc } };
      }),
    );
    const stage = await Stage.start(started, { machines });
    const play: Record<Content, Record<Server, () => Promise<() => unknown>>> = {
      film: {
        TigerVNC: async () => {
          const shown = await XFilm.start(screen, film, 1000 / OFFERED.film);
          return () => shown.stop();
        },
        QEMU: async () => {
          const rows = film.map((_frame, index) => index * SCREEN.height);
          await machine.show(film, rows, 1000 / OFFERED.film);
          return () => undefined;
        },
      },
      text: {
        TigerVNC: () => scrollTerminal(screen),
        QEMU: async () => {
          const page = await pageOfText(screen);
          const lines = Math.floor(SCREEN.height / LINE);
          const rows = Array.from({ length: lines }, (_line, index) => index * LINE);
          await machine.show([page, page], rows, 1000 / OFFERED.text);
          return () => undefined;
        },
      },
    };
    for (const content of CONTENTS) {
      for (const server of SERVERS) {
        const end = await play[content][server]();
        yield* await compare(stage, { ...options, content, server });
        await end();
      }
    }
  } finally {
    await started.disposeAll();
  }
}

async function compare(
  stage: Stage,
  options: PictureRateOptions & { content: Content; server: Server },
): Promise<PictureRate[]> {
  const { encodings, server, content, rounds, seconds } = options;
  const looks = encodings.map(() => [] as Omit<PictureRate, 'server' | 'content' | 'encodings'>[]);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, each] of looks.entries()) {
      each.push(await look(stage, `lab:${server}-${index}`, server, seconds));
    }
  }
  return encodings.map((list, index) => {
    const each = looks[index] ?? [];
    return {
      ...{ server, content, encodings: list },
      frames: median(each.map(({ frames }) => frames)),
      guacd: median(each.map(({ guacd }) => guacd)),
      vncServer: median(each.map(({ vncServer }) => vncServer)),
    };
  });
}

async function look(stage: Stage, machine: string, server: Server, seconds: number) {
  const opened = new Disposables();
  try {
    const page = await stage.open(opened, { machine }, WINDOW);
    await page.reaches('connected', 30_000);
    const { frames: first } = await countFrames(page, WARM_UP);
    assert.equal(first, WARM_UP.most, `${machine} shows a picture that moves`);
    const program = server === 'QEMU' ? 'qemu-system-x86' : 'Xtigervnc';
    const vncServer = descendantsOf(process.pid).find(({ name }) => name === program)?.pid ?? 0;
    const used = () => ({
      guacd: [stage.guacd.pid, ...descendantsOf(stage.guacd.pid).map(({ pid }) => pid)]
        .map(processorTime)
        .reduce((sum, each) => sum + each, 0),
      vncServer: processorTime(vncServer),
    });
    const before = used();
    const { frames, passed } = await countFrames(page, { ms: seconds * 1000 });
    const after = used();
    return {
      frames: frames / passed,
      guacd: (100 * (after.guacd - before.guacd)) / passed,
      vncServer: (100 * (after.vncServer - before.vncServer)) / passed,
    };
  } finally {
    await opened.disposeAll();
  }
}

/**
 * A strip of the picture is looked at each time that the browser is about to paint, for so many ms or until
 * it has changed so often.
 */
function countFrames(page: ConsolePage, limit: { readonly most?: number; readonly ms: number }) {
  return page.page.evaluate(async ({ most, ms }) => {
    const all = [...document.querySelectorAll<HTMLCanvasElement>('[data-testid=display] canvas')];
    const [picture] = all.toSorted((one, other) => other.width - one.width);
    const context = picture?.getContext('2d');
    const row = Math.floor((picture?.height ?? 0) / 2);
    // The first look finds what is there already.
    let frames = -1;
    let last = '';
    const began = performance.now();
    for (;;) {
      const now = await new Promise<number>(requestAnimationFrame);
      const strip = context?.getImageData(16, row, 128, 8).data.join() ?? '';
      if (strip !== last) frames += 1;
      last = strip;
      if (frames === most || now - began >= ms) return { frames, passed: (now - began) / 1000 };
    }
  }, limit);
}

/** Seconds of user and system time that a process has had (proc(5)); 0 when it has gone. */
function processorTime(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK;
  } catch {
    return 0;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

/** A terminal as large as the screen in which lines go by. */
async function scrollTerminal({ env, home }: Xvnc): Promise<() => Promise<void>> {
  // A screen full at once; then one line at a time, each another, without a process for each.
  const script =
    `words='${'lorem ipsum dolor sit amet '.repeat(8)}'; ` +
    'say() { echo "$((++line)) ${words:line % 50}"; }; ' +
    'until ((line == 100)); do say; done; ' +
    `while :; do read -rt ${(1 / OFFERED.text).toFixed(3)} <> <(:); say; done`;
  const child = await startChild({
    name: 'xterm',
    command: 'xterm',
    args: ['-T', 'text', '-geometry', '400x200+0+0', '-e', 'bash', '-c', script],
    env,
    cwd: home,
  });
  await windowShown('text', { env, child });
  return () => child.stop();
}

/** The terminal's screen, full of text, as a graphics card has its pixels. */
async function pageOfText(screen: Xvnc): Promise<Buffer> {
  const end = await scrollTerminal(screen);
  const file = join(screen.home, 'text.xwd');
  const full = async () => {
    await run('xwd', ['-silent', '-root', '-out', file], { env: screen.env });
    const dump = await readFile(file);
    // X11/XWDFile.h: the header's size, and how many colours of 12 bytes follow it.
    const pixels = dump.subarray(dump.readUInt32BE(0) + 12 * dump.readUInt32BE(76));
    const half = Math.floor(SCREEN.height / 2) * SCREEN.width * 4;
    const row = pixels.subarray(half, half + LINE * SCREEN.width * 4);
    return row.some((byte, at) => at >= 4 && byte !== row[at - 4]) && pixels;
  };
  const pixels = await until(full, { timeout: 20_000, what: 'a screen of text' });
  await end();
  return pixels;
}
