import type { Actor } from '../audit/actor.ts';
import type { Audit } from '../audit/audit.ts';
import { CLOSE_REASONS, statusOfClose } from '../contract/index.ts';
import type { TunnelEnd, TunnelGrant } from './tunnel-port.ts';

/** Ends that say nothing of the machine: the console's own, and the browser's. */
const NO_FAILURE: ReadonlySet<TunnelEnd['status']> = new Set([
  ...CLOSE_REASONS.map(statusOfClose),
  'client_left',
  'shutting_down',
]);

/** Who is behind a tunnel. A guest has given any name. */
export function actorOf({ user, viewer }: TunnelGrant, from: string | undefined): Actor {
  const { who, via } = viewer
    ? ({ who: null, via: 'guest' } as const)
    : ({ who: user, via: 'console' } as const);
  return { who, via, from: from ?? null };
}

/** Connections that did not come about, in the audit trail. */
export class TunnelAudit {
  readonly #audit: Audit;
  /** How the last try to show a console failed here, until one does not. */
  readonly #failed = new Map<string, TunnelEnd['status']>();

  constructor(audit: Audit) {
    this.#audit = audit;
  }

  /** Nothing came of it: not let in, or no picture was seen. */
  write(
    { machine, consoleId }: TunnelGrant,
    by: Actor,
    { status: result, message: detail }: Pick<TunnelEnd, 'status' | 'message'>,
  ): void {
    const at = { machine, console: consoleId };
    this.#audit.write({ action: 'connect', ...by, ...at, result, detail });
  }

  /** A page tries again and again, and each time it may end the same: that is told once. */
  unseen(grant: TunnelGrant, by: Actor, end: TunnelEnd): void {
    const { consoleId } = grant;
    if (NO_FAILURE.has(end.status) || this.#failed.get(consoleId) === end.status) return;
    this.#failed.set(consoleId, end.status);
    this.write(grant, by, end);
  }

  /** The console was shown, or is over. */
  forget(consoleId: string): void {
    this.#failed.delete(consoleId);
  }
}
