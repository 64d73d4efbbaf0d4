import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BridgeRequest } from '../providers/provider-context.ts';
import { LoopbackBridge } from './loopback-bridge.ts';
import { admitRfb } from './rfb-downstream.ts';
import { enterRfb } from './rfb-upstream.ts';

export interface RfbBridgeOptions extends BridgeRequest {
  /** Address to listen on, where guacd comes to. */
  readonly host: string;
}

/** What guacd is told of a bridge. */
export interface RfbBridge {
  readonly host: string;
  readonly port: number;
  /** With which guacd comes in. */
  readonly password: string;
  /** Ends every connection. Idempotent. */
  close(): void;
}

/** VNC authentication looks at no more. */
const PASSWORD_LENGTH = 8;

/**
 * A VNC server on loopback in front of one that guacd cannot reach or cannot speak to: over a
 * WebSocket, with TLS and certificates, with SASL. The bridge speaks the security part of RFB on both
 * sides itself; whatever comes after it passes untouched.
 *
 * @throws GatewayError for a machine that cannot be reached or does not let us in.
 */
export async function openRfbBridge(options: RfbBridgeOptions): Promise<RfbBridge> {
  const { host, onFault, signal, reach, reachMs } = options;
  const password = randomBytes(PASSWORD_LENGTH).toString('base64url').slice(0, PASSWORD_LENGTH);
  const bridge = await LoopbackBridge.open({
    ...{ host, onFault, signal, reachMs },
    enter: async (limit) => ({ stream: await enter(reach, limit) }),
    async admit(guacd: Socket) {
      await admitRfb(guacd, password);
      // However it ends, the tunnel sees it at guacd.
      return ({ stream }) =>
        Promise.race([pipeline(guacd, stream), pipeline(stream, guacd)]).catch(() => undefined);
    },
  });
  return { host: bridge.host, port: bridge.port, password, close: () => bridge.close() };
}

/** Through the machine's handshake. */
async function enter(reach: BridgeRequest['reach'], signal: AbortSignal): Promise<Duplex> {
  const { stream, ...credentials } = await reach(signal);
  const giveUp = (): void => void stream.destroy();
  stream.on('error', giveUp);
  signal.addEventListener('abort', giveUp);
  try {
    signal.throwIfAborted();
    return await enterRfb(stream, credentials);
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
