import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Admitted, TunnelGrant, TunnelListener } from '../consoles/tunnel-port.ts';
import { GatewayError, toGatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { ConnectionTokens } from './connection-token.ts';
import type { OriginPolicy } from './origin-policy.ts';
import type { TunnelMetrics } from './tunnel-metrics.ts';
import { TUNNEL_PATH, type TunnelRequest, refuse, tunnelRequestOf } from './upgrade-request.ts';

/** Remembers what was used once, in every replica. */
export interface SingleUse {
  /**
   * True for the first use of this id until `until` (milliseconds since the epoch). Throws
   * GatewayError `redis_unavailable` when it cannot be known.
   */
  use(id: string, until: number): Promise<boolean>;
}

/** Another path to tunnels, with tokens of its own. */
export interface TunnelDoor {
  readonly path: string;
  /** What the token entitles to. @throws GatewayError */
  open(token: string, query: URLSearchParams, from: string): Promise<TunnelGrant>;
}

/** What an upgrade request was found to be entitled to. */
export interface Admission {
  readonly tunnelId: string;
  readonly grant: TunnelGrant;
  readonly admitted: Admitted;
}

export interface UpgradeChecks {
  readonly tokens: ConnectionTokens;
  readonly singleUse: SingleUse;
  readonly origins: OriginPolicy;
  readonly door?: TunnelDoor | null;
  /** Of the browser, which may come by proxies. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly listener: Pick<TunnelListener, 'admit' | 'refused' | 'closed'>;
  readonly metrics: Pick<TunnelMetrics, 'refused'>;
  readonly log: Logger;
  readonly limits: { readonly upgrade: number; readonly pendingUpgrades: number };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Makes a WebSocket of an admitted request; false when its socket is gone already. */
  readonly accept: (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    admission: Admission,
  ) => boolean;
}

/**
 * The http server's `upgrade` events. Nothing of the tunnel runs before each check has passed; a
 * refused request is answered in HTTP and leaves nothing behind.
 */
export class Upgrades {
  readonly #checks: UpgradeChecks;
  readonly #pending = new Set<Pending>();
  #closed: GatewayError | null = null;

  constructor(checks: UpgradeChecks) {
    this.#checks = checks;
  }

  /** New requests are refused from now on, and those that are being checked. */
  close(error: GatewayError): void {
    this.#closed ??= error;
    for (const pending of this.#pending) pending.giveUp(error);
  }

  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    destroyOnError(socket);
    this.#open(request, socket, head).catch((reason: unknown) => {
      const error = toGatewayError(reason);
      const { remoteAddress } = request.socket;
      if (error.status === 'internal') this.#checks.log.error({ err: reason }, 'upgrade failed');
      this.#checks.log.info({ status: error.status, remoteAddress }, 'upgrade refused');
      this.#checks.metrics.refused(error.status);
      refuse(socket, error);
    });
  }

  async #open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (this.#closed) throw this.#closed;
    const { origins, limits, door } = this.#checks;
    const asked = tunnelRequestOf(request, origins, [TUNNEL_PATH, ...(door ? [door.path] : [])]);
    const from = this.#checks.addressOf(request);
    if (this.#pending.size >= limits.pendingUpgrades) {
      throw new GatewayError('rate_limited', 'too many tunnels are being opened at once');
    }
    const pending = new Pending();
    const timer = setTimeout(() => pending.giveUp(tooLate()), limits.upgrade);
    const gone = (): void => pending.giveUp(clientGone());
    socket.once('close', gone);
    this.#pending.add(pending);
    try {
      const grant = await pending.unless(this.#redeem(asked, from));
      await this.#join(request, socket, head, grant, from, pending);
    } finally {
      clearTimeout(timer);
      socket.off('close', gone);
      this.#pending.delete(pending);
    }
  }

  async #redeem({ path, query, token }: TunnelRequest, from: string): Promise<TunnelGrant> {
    const { tokens, singleUse, listener, door, now } = this.#checks;
    if (path === door?.path) return door.open(token, query, from);
    const { grant, jti, expiresAt } = tokens.open(token, now());
    if (!(await singleUse.use(jti, expiresAt))) {
      const used = new GatewayError('token_used', 'the connection token was used before');
      listener.refused(grant, from, used);
      throw used;
    }
    return grant;
  }

  /** Whoever was admitted is also reported as closed, even when no tunnel came of it. */
  async #join(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    grant: TunnelGrant,
    from: string,
    pending: Pending,
  ): Promise<void> {
    const { listener, accept } = this.#checks;
    const tunnelId = randomUUID();
    const leave = (): void => {
      const message = `${grant.machine}: the browser left before the tunnel was open`;
      listener.closed(grant, tunnelId, { status: 'client_left', message });
    };
    const admitted = listener.admit(grant, tunnelId, from);
    try {
      const known = await pending.unless(admitted);
      if (!accept(request, socket, head, { tunnelId, grant, admitted: known })) leave();
    } catch (error) {
      listener.refused(grant, from, toGatewayError(error));
      admitted.then(leave, () => {});
      throw error;
    }
  }
}

/** A function of its own: a listener keeps all that the functions around it share, as the request. */
export function destroyOnError(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
}

/** A request that is being checked, until that is given up. An AbortController would cost more than the checks. */
class Pending {
  #error: GatewayError | null = null;
  #reject = (_error: GatewayError): void => {};

  /** What is under way now, and what follows, fails with this. */
  giveUp(error: GatewayError): void {
    this.#error ??= error;
    this.#reject(this.#error);
  }

  /** The work's result, unless it is given up before. */
  async unless<T>(work: Promise<T>): Promise<T> {
    const givenUp = new Promise<never>((_resolve, reject) => {
      this.#reject = reject;
    });
    const result = await Promise.race([work, givenUp]);
    if (this.#error) throw this.#error;
    return result;
  }
}

function tooLate(): GatewayError {
  return new GatewayError('redis_unavailable', 'the checks of the token did not end in time');
}

function clientGone(): GatewayError {
  return new GatewayError('client_timeout', 'the client hung up during the checks');
}
