import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { GatewayError, toGatewayError } from '../errors.ts';
import type { BridgeRequest } from '../providers/provider-context.ts';

/** A machine that was reached, at the least. */
interface Reached {
  readonly stream: Duplex;
}

/** What a bridge does on its two sides; `Machine` is what it knows of a machine that it has reached. */
export interface BridgeSides<Machine extends Reached>
  extends Pick<BridgeRequest, 'onFault' | 'signal' | 'reachMs'> {
  /** Address to listen on, where guacd comes to. */
  readonly host: string;
  /** Reaches the machine and gets in; called anew for each connection of guacd's. */
  enter(signal: AbortSignal): Promise<Machine>;
  /**
   * Lets guacd in, and nobody else.
   *
   * @returns what carries everything that follows, until either side ends.
   */
  admit(guacd: Socket): Promise<(machine: Machine) => Promise<void>>;
}

/** Time in which a machine answers, where nothing else is said, and in which guacd comes. ms */
const HANDSHAKE_MS = 15_000;
/** A connection that was made ahead is good for so long; a cloud's URL lives a minute. ms */
const AHEAD_MS = 20_000;

/**
 * A port for guacd, and behind it a machine that guacd cannot reach or cannot speak to. The machine is
 * reached once before the port is there, so that what is wrong is told to whoever waits.
 */
export class LoopbackBridge<Machine extends Reached> {
  readonly host: string;
  readonly port: number;
  readonly #sides: BridgeSides<Machine>;
  readonly #server: ReturnType<typeof createServer>;
  readonly #abort = new AbortController();
  readonly #sockets = new Set<Duplex>();
  #ahead: Machine | null;

  /** @throws GatewayError for a machine that cannot be reached or does not let us in. */
  static async open<Machine extends Reached>(
    sides: BridgeSides<Machine>,
  ): Promise<LoopbackBridge<Machine>> {
    const ahead = await enterInTime(sides, sides.signal);
    const server = createServer();
    server.listen(0, sides.host);
    try {
      await once(server, 'listening', { signal: sides.signal });
    } catch (error) {
      ahead.stream.destroy();
      server.close();
      throw error;
    }
    return new LoopbackBridge(sides, server, ahead);
  }

  private constructor(
    sides: BridgeSides<Machine>,
    server: ReturnType<typeof createServer>,
    ahead: Machine,
  ) {
    const { address, port } = server.address() as AddressInfo;
    this.host = address;
    this.port = port;
    this.#sides = sides;
    this.#server = server;
    this.#ahead = ahead;
    const stale = setTimeout(() => this.#dropAhead(), AHEAD_MS);
    this.#abort.signal.addEventListener('abort', () => clearTimeout(stale));
    sides.signal.addEventListener('abort', () => this.close(), { once: true });
    server.on('connection', (socket) => {
      this.#serve(socket).catch((error: unknown) => sides.onFault(toGatewayError(error)));
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
    const { reachMs = HANDSHAKE_MS } = this.#sides;
    const timer = setTimeout(() => guacd.destroy(), HANDSHAKE_MS + reachMs);
    let machine: Machine | undefined;
    try {
      const carry = await this.#sides.admit(guacd);
      machine = this.#takeAhead() ?? (await enterInTime(this.#sides, this.#abort.signal));
      clearTimeout(timer);
      this.#sockets.add(machine.stream);
      await carry(machine);
    } finally {
      clearTimeout(timer);
      for (const socket of [guacd, machine?.stream]) {
        if (!socket) continue;
        socket.destroy();
        this.#sockets.delete(socket);
      }
    }
  }

  #takeAhead(): Machine | null {
    const ahead = this.#ahead;
    this.#ahead = null;
    return ahead && !ahead.stream.destroyed && !ahead.stream.readableEnded ? ahead : null;
  }

  #dropAhead(): void {
    this.#ahead?.stream.destroy();
    this.#ahead = null;
  }
}

async function enterInTime<Machine extends Reached>(
  sides: BridgeSides<Machine>,
  signal: AbortSignal,
): Promise<Machine> {
  const late = AbortSignal.timeout(sides.reachMs ?? HANDSHAKE_MS);
  try {
    return await sides.enter(AbortSignal.any([signal, late]));
  } catch (cause) {
    if (cause !== late.reason) throw cause;
    throw new GatewayError('target_timeout', 'the machine does not answer in time', { cause });
  }
}
