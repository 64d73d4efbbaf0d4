import { type Actor, GATEWAY } from '../audit/actor.ts';
import type { Audit } from '../audit/audit.ts';
import type { ConsoleView } from '../contract/index.ts';
import { type GatewayError, toGatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { ConsoleEvents } from './console-events.ts';
import type { ConsoleService } from './console-service.ts';
import { type ConsoleChange, SENTENCE, assertOpen, viewOf } from './console.ts';
import type { EndpointLeases } from './endpoint-leases.ts';
import { tunnelName } from './tunnel-name.ts';
import type { TunnelEnd, TunnelGrant, TunnelListener, Tunnels } from './tunnel-port.ts';

export interface TunnelEventsParts {
  readonly consoles: ConsoleService;
  readonly leases: EndpointLeases;
  readonly audit: Audit;
  readonly log: Logger;
  /** Name of this replica; a record's tunnels carry it, so that a dead one's can be told. */
  readonly replica: string;
  /** Milliseconds without human input after which a console closes; 0 for never. */
  readonly idleMs: number;
}

const RETRY_MS = 1000;
/** Human input is written to the record at most this often, and at least ten times within idleMs. */
const USED_MS = 10_000;

/**
 * Carries what happens to this process's tunnels into the consoles' records, in order, and what
 * happens to consoles anywhere back to the tunnels.
 */
export class TunnelEvents implements TunnelListener {
  readonly #parts: TunnelEventsParts;
  readonly #queues = new Map<string, Promise<void>>();
  readonly #open = new Map<string, { readonly grant: TunnelGrant; pictured: boolean }>();
  /** From which address each tunnel comes that was admitted here. */
  readonly #from = new Map<string, string>();
  /** When input was last written for each console that has a tunnel here. */
  readonly #used = new Map<string, number>();
  #tunnels: Tunnels | undefined;
  #stopped = false;

  constructor(parts: TunnelEventsParts) {
    this.#parts = parts;
  }

  /** Every replica follows on its own tunnels what happens to a console anywhere. */
  connect(events: ConsoleEvents, tunnels: Tunnels): void {
    this.#tunnels = tunnels;
    events.onAny((news) => {
      if (news.type === 'state') this.#follow(news.console);
    });
    events.onGap(() => {
      for (const id of new Set([...this.#open.values()].map(({ grant }) => grant.consoleId))) {
        // One that Redis has forgotten runs on until its deadline.
        this.#parts.consoles.get(id).then(
          (record) => this.#follow(viewOf(record)),
          () => undefined,
        );
      }
    });
  }

  /** Writes the tunnels of this process again: it had counted as dead, and they with it. */
  assert(): void {
    for (const [tunnel, { grant, pictured }] of this.#open) {
      this.#keep(grant, { type: 'tunnel-opened', tunnel: this.#named(tunnel) });
      if (pictured) this.#keep(grant, { type: 'pictured', tunnel: this.#named(tunnel) });
    }
  }

  async admit(grant: TunnelGrant, tunnel: string, from: string): Promise<number> {
    const record = await this.#parts.consoles.get(grant.consoleId);
    assertOpen(record, Date.now());
    this.#from.set(tunnel, from);
    return record.expiresAt;
  }

  refused(grant: TunnelGrant, from: string, error: GatewayError): void {
    const { user: who, machine, consoleId } = grant;
    this.#parts.audit.write({
      action: 'connect',
      ...{ who, via: 'console', from },
      ...{ machine, console: consoleId },
      result: error.status,
      detail: error.message,
    });
  }

  opened(grant: TunnelGrant, tunnel: string): void {
    this.#open.set(tunnel, { grant, pictured: false });
    this.#parts.leases.attach(grant.consoleId, tunnel);
    this.#parts.consoles.tellStep(grant.consoleId, 'waiting-for-picture');
    const by: Actor = { who: grant.user, via: 'console', from: this.#from.get(tunnel) ?? null };
    this.#keep(grant, { type: 'tunnel-opened', tunnel: this.#named(tunnel) }, by);
  }

  pictured(grant: TunnelGrant, tunnel: string): void {
    const open = this.#open.get(tunnel);
    if (open) open.pictured = true;
    this.#keep(grant, { type: 'pictured', tunnel: this.#named(tunnel) });
    this.used(grant);
  }

  used(grant: TunnelGrant): void {
    const { idleMs } = this.#parts;
    const now = Date.now();
    const last = this.#used.get(grant.consoleId) ?? 0;
    if (idleMs === 0 || now - last < Math.min(USED_MS, idleMs / 10)) return;
    this.#used.set(grant.consoleId, now);
    this.#keep(grant, { type: 'used', idleAt: now + idleMs });
  }

  closed(grant: TunnelGrant, tunnel: string, end: TunnelEnd): void {
    this.#open.delete(tunnel);
    this.#from.delete(tunnel);
    this.#used.delete(grant.consoleId);
    this.#parts.leases.detach(grant.consoleId, tunnel);
    this.#keep(grant, { type: 'tunnel-closed', tunnel: this.#named(tunnel), end });
  }

  /** Waits until all that happened is written, or until Redis does not take it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#queues.values());
  }

  #named(tunnel: string): string {
    return tunnelName(this.#parts.replica, tunnel);
  }

  #follow(view: ConsoleView): void {
    if (view.state !== 'closed') {
      this.#tunnels?.setDeadline(view.id, Date.parse(view.expiresAt));
      return;
    }
    const reason = view.reason ?? 'ended';
    this.#tunnels?.closeConsole(view.id, reason, view.error?.message ?? SENTENCE[reason]);
    void this.#parts.leases.release(view.id);
  }

  #keep(grant: TunnelGrant, event: ConsoleChange, by = GATEWAY): void {
    const { consoleId } = grant;
    const before = this.#queues.get(consoleId) ?? Promise.resolve();
    const after = before.then(() => this.#write(grant, event, by));
    this.#queues.set(consoleId, after);
    void after.then(() => {
      if (this.#queues.get(consoleId) === after) this.#queues.delete(consoleId);
    });
  }

  /** While Redis is away it is tried again: the record must not stay wrong when Redis is back. */
  async #write(grant: TunnelGrant, event: ConsoleChange, by: Actor): Promise<void> {
    for (;;) {
      try {
        // It may have been closed after the tunnel was admitted and before the tunnel was there.
        this.#follow(viewOf(await this.#parts.consoles.apply(grant.consoleId, event, by)));
        return;
      } catch (error) {
        const { status } = toGatewayError(error);
        if (status === 'console_not_found') return;
        if (status !== 'redis_unavailable' || this.#stopped) {
          const { consoleId, machine } = grant;
          this.#parts.log.warn(
            { consoleId, machine, err: error },
            'console state cannot be written',
          );
          return;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
