import type { Audit } from '../audit/audit.ts';
import type { GuacdAddress, TunnelGrant } from '../consoles/tunnel-port.ts';
import { GatewayError, toGatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type FireEdgeTarget, openFireEdgeToken } from './fireedge-token.ts';
import type { TunnelDoor } from './upgrade.ts';

/** What a token's tunnel is made of besides the token. */
export interface OpenedForToken
  extends Pick<TunnelGrant, 'consoleId' | 'machine' | 'readOnly' | 'user' | 'deadline'> {
  readonly guacd: GuacdAddress;
}

export interface FireEdgeDoorParts {
  readonly key: Buffer;
  /** Whether a token may lead there. */
  readonly mayReach: (host: string) => boolean;
  /** Of wrong tokens, by address. */
  readonly tries: {
    take(id: string, what: string): Promise<void>;
    giveBack(id: string): Promise<void>;
  };
  readonly callerOf: (address: string) => string;
  /** Opens a console for it, under the policy. @throws GatewayError */
  readonly open: (target: FireEdgeTarget, machine: string, from: string) => Promise<OpenedForToken>;
  readonly audit: Audit;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const DISPLAY = { width: 1280, height: 800, dpi: 96 };
const MOST_PIXELS = 8192;

/**
 * The path at which FireEdge's page opens its tunnels, with tokens that FireEdge has made. Each becomes
 * a console of ours that ends with its tunnel; read-only is what the token says, whatever the query.
 */
export class FireEdgeDoor implements TunnelDoor {
  readonly path = '/fireedge/guacamole';
  readonly #parts: FireEdgeDoorParts;

  constructor(parts: FireEdgeDoorParts) {
    this.#parts = parts;
  }

  async open(token: string, query: URLSearchParams, from: string): Promise<TunnelGrant> {
    const { open, audit, log } = this.#parts;
    let machine: string | null = null;
    try {
      const target = await this.#target(token, from);
      machine = `fireedge:${target.host}:${target.port}`;
      const { guacd, ...opened } = await open(target, machine, from);
      log.info({ consoleId: opened.consoleId, machine }, "FireEdge's token accepted");
      return {
        ...{ ...opened, guacd, kind: target.protocol, protocol: target.protocol },
        parameters: { ...target.parameters, hostname: target.host, port: String(target.port) },
        ...{ display: displayOf(query), timezone: null, viewer: null, join: null },
        ...{ bridged: false, once: true },
      };
    } catch (error) {
      const { status: result, message: detail } = toGatewayError(error);
      audit.write({
        ...{ action: 'connect', who: null, via: 'launch', from, machine, console: null },
        ...{ result, detail },
      });
      throw error;
    }
  }

  async #target(token: string, from: string): Promise<FireEdgeTarget> {
    const { key, tries, callerOf, mayReach, now } = this.#parts;
    const caller = callerOf(from);
    await tries.take(caller, "too many of FireEdge's tokens that are not valid");
    const target = openFireEdgeToken(token, key, now());
    if (!mayReach(target.host)) {
      const message = `fireedge.hosts does not have ${JSON.stringify(target.host)}`;
      throw new GatewayError('forbidden', message);
    }
    await tries.giveBack(caller);
    return target;
  }
}

/** The page says in the clear how large it is. */
function displayOf(query: URLSearchParams): TunnelGrant['display'] {
  const pixels = (name: keyof typeof DISPLAY): number => {
    const asked = Number(query.get(name) ?? '');
    return Number.isInteger(asked) && asked > 0 && asked <= MOST_PIXELS ? asked : DISPLAY[name];
  };
  return { width: pixels('width'), height: pixels('height'), dpi: pixels('dpi') };
}
