import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type RunningChild,
  childEnvironment,
  startChild,
} from '../../../server/platform/child-process.ts';
import { freePort } from '../../../server/platform/ports.ts';
import { USUAL_SIZE } from '../../../server/kvm/runner.ts';
import { type BmcPages, BmcSite } from '../../simulators/bmc-pages/bmc-site.ts';
import { consolePage } from '../../simulators/bmc-pages/console-page.ts';
import { Disposables } from '../../support/dispose.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { until } from '../../support/until.ts';
import { descendants, pssOf } from './processes.ts';
import { TestScreens, timesReady } from './screens.ts';
import { Viewer } from './viewer.ts';

/** Proportional memory of all programs of one session. KiB */
export interface SessionMemory {
  /** Once its console has been shown for a while, looked at and typed into. */
  readonly pss: number;
  /** The most at any time since it began. */
  readonly peak: number;
}

const SAMPLE_MS = 250;
const SHOWN_MS = 15_000;

/** A screen that is ready and has no console yet. KiB, proportional */
export async function readyMemory(): Promise<number> {
  const before = timesReady();
  const screens = await TestScreens.start({ warm: 1 });
  try {
    await until(() => timesReady() > before, { timeout: 120_000, what: 'a screen that is ready' });
    return await pssOf(await descendants());
  } finally {
    await screens.stop();
  }
}

/** Our session and one of Xvfb, x11vnc and Firefox, with the same page at the same size. */
export async function compareMemory(): Promise<Record<'ours' | 'theirs', SessionMemory>> {
  const site = await BmcSite.start(openBoard);
  try {
    return {
      ours: await measure(site, startOurs),
      theirs: await measure(site, startTheirs),
    };
  } finally {
    await site.stop();
  }
}

/** A console's page that nobody has to sign in for. */
function openBoard(): BmcPages {
  return {
    mayConnect: () => true,
    answer: () => ({ body: consolePage({ socket: '/kvm' }) }),
  };
}

type Start = (site: BmcSite, parts: Disposables) => Promise<{ connect(): Promise<Viewer> }>;

async function measure(site: BmcSite, start: Start): Promise<SessionMemory> {
  const parts = new Disposables();
  let peak = 0;
  const sample = async (): Promise<number> => {
    const pss = await pssOf(await descendants());
    peak = Math.max(peak, pss);
    return pss;
  };
  const timer = setInterval(() => void sample(), SAMPLE_MS);
  parts.add(() => clearInterval(timer));
  try {
    const session = await start(site, parts);
    await until(() => site.consoles === 1, { timeout: 120_000, what: 'the console' });
    const viewer = parts.add(await session.connect());
    const typed = site.typed.length;
    const end = performance.now() + SHOWN_MS;
    await until(() => viewer.type('a') && performance.now() > end, {
      ...{ timeout: 2 * SHOWN_MS, every: 100, what: 'the time in which it is used' },
    });
    if (site.typed.length === typed) throw new Error('nothing that was typed has come to the page');
    return { pss: await sample(), peak };
  } finally {
    await parts.disposeAll();
    await until(() => site.consoles === 0, { timeout: 30_000, what: 'the end of the console' });
  }
}

const startOurs: Start = async (site, parts) => {
  const screens = await parts.start(TestScreens.start());
  const { endpoint } = await screens.open(site, { vendor: 'browser' });
  return { connect: () => Viewer.connect(endpoint) };
};

/** As Ironic's container has it: an X server in memory, a VNC server that reads its screen, a browser. */
const startTheirs: Start = async (site, parts) => {
  const dir = await parts.start(makeTempDir('firefox'));
  const [port, env] = [await freePort('127.0.0.1'), childEnvironment({ HOME: dir.path })];
  const run = async (
    name: string,
    command: string,
    args: string[],
    more: NodeJS.ProcessEnv = {},
  ) => {
    const spec = { name, command, args, env: { ...env, ...more }, cwd: dir.path };
    const child = await startChild({ ...spec, pipes: 1 });
    parts.add(() => child.stop());
    return child;
  };
  const { width, height, depth } = USUAL_SIZE;
  const screen = ['-displayfd', '3', '-screen', '0', `${width}x${height}x${depth}`];
  const DISPLAY = `:${await firstLine(await run('Xvfb', 'Xvfb', [...screen, '-nolisten', 'tcp']))}`;
  const vnc = ['-display', DISPLAY, '-rfbport', String(port), '-listen', '127.0.0.1'];
  await run('x11vnc', 'x11vnc', [...vnc, '-forever', '-shared', '-nopw', '-noipv6'], { DISPLAY });
  const { host, hostname, port: sitePort } = new URL(site.url);
  const oid = 'OID.2.16.840.1.101.3.4.2.1';
  const accepted = `${hostname}:${sitePort}:\t${oid}\t${site.fingerprint}\t\n`;
  await writeFile(join(dir.path, 'cert_override.txt'), accepted);
  const page = ['--profile', dir.path, '--kiosk', `https://${host}/`];
  await run('firefox', 'firefox-esr', ['--no-remote', ...page], { DISPLAY });
  return { connect: () => Viewer.connect({ host: '127.0.0.1', port }) };
};

async function firstLine({ pipes }: RunningChild): Promise<string> {
  const [output] = pipes;
  if (!output) throw new Error('it has a pipe');
  const [chunk] = (await once(output, 'data')) as [Buffer];
  return chunk.toString().trim();
}
