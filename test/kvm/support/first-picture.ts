import { once } from 'node:events';
import WebSocket from 'ws';
import { BmcSite } from '../../simulators/bmc-pages/bmc-site.ts';
import { ilo } from '../../simulators/bmc-pages/ilo.ts';
import { Disposables } from '../../support/dispose.ts';
import { API_TOKENS, TestGateway, type TestConsole } from '../../support/gateway.ts';
import { startGuacd } from '../../support/guacd.ts';
import { decodePng, pixel } from '../../support/image.ts';
import { InstructionReader, instruction } from '../../support/instructions.ts';
import { IpmiPeer } from '../../support/ipmi.ts';
import { startRedis } from '../../support/redis.ts';
import { until } from '../../support/until.ts';
import { timesReady } from './screens.ts';

export interface OpeningsOptions {
  readonly rounds: number;
  /** Whether a screen is ready when the call comes. */
  readonly warm: boolean;
}

/** One console, from the call of the API until its picture has come. ms */
export interface Opening {
  readonly total: number;
  /** Between the first call that the BMC got and its console's connection: sign-in and page. */
  readonly bmc: number;
}

/** The limit only guards; what is measured is looked at every 5 ms. ms */
const GUARD = { timeout: 120_000, every: 5 };
/** Of the simulated console's page, where nothing is written. */
const GREEN = '#008000';

/** Opens one console after the other by a whole gateway and guacd. */
export async function measureOpenings({ rounds, warm }: OpeningsOptions): Promise<Opening[]> {
  const parts = new Disposables();
  try {
    const [redis, guacd, ipmi, site] = await Promise.all([
      parts.start(startRedis()),
      parts.start(startGuacd()),
      parts.start(IpmiPeer.start()),
      parts.start(BmcSite.start(ilo(6))),
    ]);
    const { url, fingerprint, username, password } = site;
    const at = { id: 'ilo', address: '127.0.0.1', port: Number(new URL(url).port), vendor: 'hpe' };
    const account = { fingerprint, username, password };
    const hosts = [
      {
        ...{ ...at, ...account, redfish: false },
        ipmi: { port: ipmi.port, cipherSuite: 3, ...ipmi.admin },
      },
    ];
    const config = {
      kvm: { warm: warm ? 1 : 0, screens: 2 },
      providers: [{ id: 'metal', type: 'bmc', hosts }],
    };
    const gateway = await parts.start(TestGateway.start({ redis, guacd, machines: [], config }));
    const openings: Opening[] = [];
    const before = timesReady();
    while (openings.length < rounds) {
      const isReady = () => !warm || timesReady() - before > openings.length;
      await until(isReady, { timeout: 120_000, every: 200, what: 'a screen that is ready' });
      openings.push(await measureOne(gateway, site));
    }
    return openings;
  } finally {
    await parts.disposeAll();
  }
}

async function measureOne(gateway: TestGateway, site: BmcSite): Promise<Opening> {
  const calls = site.calls.length;
  const begun = performance.now();
  const asked = until(() => site.calls.length > calls, { ...GUARD, what: 'a call' }).then(now);
  const connected = until(() => site.consoles === 1, { ...GUARD, what: 'the console' }).then(now);
  const opened = await gateway.openRedeemed({ machine: 'metal:ilo', kind: 'kvm' });
  const pictured = await firstPicture(gateway, opened, () => site.consoles === 1);
  const bmc = (await connected) - (await asked);
  await gateway.call('DELETE', `/consoles/${opened.id}`, { as: API_TOKENS.portal });
  await until(() => site.consoles === 0 && site.sessions.size === 0, {
    ...{ timeout: 120_000, what: 'the end of the console' },
  });
  return { total: pictured - begun, bmc };
}

/** When the console's own picture has come to a client of the tunnel's, who decodes what it gets. */
async function firstPicture(
  gateway: TestGateway,
  opened: TestConsole,
  mayBe: () => boolean,
): Promise<number> {
  const { token, tunnel } = await gateway.token(opened);
  const socket = new WebSocket(`${tunnel}?token=${token}`, 'guacamole');
  const reader = new InstructionReader();
  socket.on('message', (data) => reader.push(data as Buffer));
  await once(socket, 'open');
  const images = new Map<string, string[]>();
  try {
    for (;;) {
      const [opcode = '', stream = '', ...rest] = await reader.read(GUARD.timeout);
      if (opcode === 'sync') socket.send(instruction('sync', stream));
      if (opcode === 'img' && rest[2] === 'image/png') images.set(stream, []);
      if (opcode === 'blob') images.get(stream)?.push(rest[0] ?? '');
      if (opcode !== 'end') continue;
      const at = now();
      const parts = images.get(stream) ?? [];
      images.delete(stream);
      if (parts.length > 0 && mayBe() && isGreen(parts)) return at;
    }
  } finally {
    socket.terminate();
  }
}

/** Whether a picture, in pieces of Base64, is of the console. */
function isGreen(parts: readonly string[]): boolean {
  const image = decodePng(Buffer.concat(parts.map((part) => Buffer.from(part, 'base64'))));
  for (let y = 0; y < image.height; y += 8) {
    for (let x = 0; x < image.width; x += 8) {
      if (pixel(image, x, y) === GREEN) return true;
    }
  }
  return false;
}

function now(): number {
  return performance.now();
}
