import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { toGatewayError } from '../errors.ts';
import type { BridgeRequest } from '../providers/provider.ts';
import { admitRfb } from './rfb-downstream.ts';
import { enterRfb } from './rfb-upstream.ts';

export interface RfbBridgeOptions extends BridgeRequest {
  /** Address to listen on, where guacd comes to. */
  readonly host: string;
}

/** Time in which a machine answers and guacd comes, each. ms */
const HANDSHAKE_MS = 15_000;
/** A connection that was made ahead is good for so long; a cloud's URL lives a minute. ms */
const AHEAD_MS = 20_000;
/** VNC authentication looks at no more. */
const PASSWORD_LENGTH = 8;

/**
 * A VNC server on loopback in front of one that guacd cannot reach or cannot speak to: over a
 * WebSocket, with TLS and certificates, with SASL. The bridge speaks the security part of RFB on both
 * sides itself; whatever comes after it passes untouched.
 */
export class RfbBridge {
  readonly host: string;
  readonly port: number;
  /** With which guacd comes in. */
  readonly password: string;
  readonly #options: RfbBridgeOptions;
  readonly #server: ReturnType<typeof createServer>;
  readonly #abort = new AbortController();
  readonly #sockets = new Set<Duplex>();
  #ahead: Duplex | null;

  /** @throws GatewayError for a machine that cannot be reached or does not let us in. */
  static async open(options: RfbBridgeOptions): Promise<RfbBridge> {
    const ahead = await enter(options, options.signal);
    const server = createServer();
    server.listen(0, options.host);
    try {
      await once(server, 'listening', { signal: options.signal });
    } catch (error) {
      ahead.destroy();
      server.close();
      throw error;
    }
    return new RfbBridge(options, server, ahead);
  }

  private constructor(
    options: RfbBridgeOptions,
    server: ReturnType<typeof createServer>,
    ahead: Duplex,
  ) {
    const { address, port } = server.address() as AddressInfo;
    this.host = address;
    this.port = port;
    this.password = randomBytes(PASSWORD_LENGTH).toString('base64url').slice(0, PASSWORD_LENGTH);
    this.#options = options;
    this.#server = server;
    this.#ahead = ahead;
    const stale = setTimeout(() => this.#dropAhead(), AHEAD_MS);
    this.#abort.signal.addEventListener('abort', () => clearTimeout(stale));
    options.signal.addEventListener('abort', () => this.close(), { once: true });
    server.on('connection', (socket) => {
      this.#serve(socket).catch((error: unknown) => options.onFault(toGatewayError(error)));
    });
  }

  /** Ends every connection. Idempotent. */
  close(): void {
    this.#abort.abort();
    this.#server.close();
    this.#dropAhead();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #serve(guacd: Socket): Promise<void> {
    guacd.on('error', () => guacd.destroy());
    guacd.setNoDelay(true);
    this.#sockets.add(guacd);
    const timer = setTimeout(() => guacd.destroy(), 2 * HANDSHAKE_MS);
    let machine: Duplex | undefined;
    try {
      await admitRfb(guacd, this.password);
      machine = this.#takeAhead() ?? (await enter(this.#options, this.#abort.signal));
      clearTimeout(timer);
      this.#sockets.add(machine);
      // However it ends, the tunnel sees it at guacd.
      await Promise.race([pipeline(guacd, machine), pipeline(machine, guacd)]).catch(
        () => undefined,
      );
    } finally {
      clearTimeout(timer);
      for (const socket of [guacd, machine]) {
        if (!socket) continue;
        socket.destroy();
        this.#sockets.delete(socket);
      }
    }
  }

  #takeAhead(): Duplex | null {
    const ahead = this.#ahead;
    this.#ahead = null;
    return ahead && !ahead.destroyed && !ahead.readableEnded ? ahead : null;
  }

  #dropAhead(): void {
    this.#ahead?.destroy();
    this.#ahead = null;
  }
}

/** Through the machine's handshake, in time. */
async function enter({ reach }: RfbBridgeOptions, signal: AbortSignal): Promise<Duplex> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(HANDSHAKE_MS)]);
  const { stream, ...credentials } = await reach(limit);
  const giveUp = (): void => void stream.destroy();
  stream.on('error', giveUp);
  limit.addEventListener('abort', giveUp);
  try {
    limit.throwIfAborted();
    return await enterRfb(stream, credentials);
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    limit.removeEventListener('abort', giveUp);
  }
}
