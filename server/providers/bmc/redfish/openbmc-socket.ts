import { type Duplex, Transform } from 'node:stream';
import { GatewayError } from '../../../errors.ts';
import { readable } from '../../../platform/readable.ts';
import { openWebSocketStream } from '../../../platform/websocket-stream.ts';
import { writtenThrough } from '../../../platform/written-through.ts';
import type { Pass, RedfishSession } from './session.ts';

export interface OpenBmcSocketParts {
  /** With which its sentences begin. */
  readonly name: string;
  /** Of the BMC's web server. */
  readonly base: URL;
  /** A session of this console's own, with cookies. */
  readonly session: RedfishSession;
  readonly ca?: string | undefined;
  readonly fingerprint?: string | undefined;
}

/** A longer frame ends the socket (bmcweb, kvm_websocket.hpp: its input buffer). Bytes */
const MOST_FRAME = 1024;

/**
 * A stream of OpenBMC's web server: RFB at `/kvm/0`, the serial line at `/console0`. By the session's
 * token; where that is not taken for sockets, by its cookies, with the token against forged requests as
 * the subprotocol.
 *
 * @throws GatewayError as the session does, `target_refused`, `target_unreachable`,
 * `target_certificate_refused`
 */
export async function openBmcSocket(
  parts: OpenBmcSocketParts,
  path: '/kvm/0' | '/console0',
  signal: AbortSignal,
): Promise<Duplex> {
  const { session } = parts;
  for (let renewed = false; ; renewed = true) {
    let refusal: unknown;
    for (const access of waysIn(await session.pass(signal))) {
      try {
        return await open(parts, path, access, signal);
      } catch (error) {
        if (!isRefused(error)) throw error;
        refusal = error;
      }
    }
    if (renewed) throw refusal;
    // A BMC that has restarted knows its sessions no more.
    await session.logOut();
  }
}

/**
 * Resolves when it speaks, as VNC servers and no serial line do; else it is destroyed.
 *
 * @throws GatewayError `bmc_slots_full` when it ends without a word, `target_lost` when nobody waits any more.
 */
export async function spoken(name: string, stream: Duplex, signal: AbortSignal): Promise<void> {
  await readable(stream, signal);
  if (stream.readableLength > 0) return;
  stream.destroy();
  if (signal.aborted) throw new GatewayError('target_lost', `${name} says nothing on its screen`);
  const message = `${name} shows its screen to nobody else: as many look as it allows`;
  throw new GatewayError('bmc_slots_full', message);
}

interface Access {
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol?: string;
}

/** By the token, or by cookies where there are any. */
function waysIn({ headers, cookies }: Pass): Access[] {
  const xsrf = cookies?.['XSRF-TOKEN'];
  if (!cookies || xsrf === undefined) return [{ headers }];
  const cookie = Object.entries(cookies).map((pair) => pair.join('='));
  return [{ headers }, { headers: { cookie: cookie.join('; ') }, protocol: xsrf }];
}

async function open(
  { name, base, ca, fingerprint }: OpenBmcSocketParts,
  path: string,
  { headers, protocol }: Access,
  signal: AbortSignal,
): Promise<Duplex> {
  const url = new URL(path, base);
  url.protocol = 'wss:';
  const options = { name, headers, protocol, ca, fingerprint, signal };
  return writtenThrough(await openWebSocketStream(url, options), smallFrames());
}

/** Each piece that comes out of it becomes a frame. */
function smallFrames(): Transform {
  return new Transform({
    readableObjectMode: true,
    transform(chunk: Buffer, _encoding, done) {
      for (let at = 0; at < chunk.length; at += MOST_FRAME) {
        this.push(chunk.subarray(at, at + MOST_FRAME));
      }
      done();
    },
  });
}

function isRefused(error: unknown): boolean {
  return error instanceof GatewayError && error.status === 'target_refused';
}
