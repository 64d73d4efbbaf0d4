import type { ConsoleView } from '../contract/index.ts';
import { toGatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { ConsoleEvents } from './console-events.ts';
import type { ConsoleService } from './console-service.ts';
import { type ConsoleChange, SENTENCE, assertOpen, viewOf } from './console.ts';
import type { EndpointLeases } from './endpoint-leases.ts';
import type { TunnelEnd, TunnelGrant, TunnelListener, Tunnels } from './tunnel-port.ts';

const RETRY_MS = 1000;

/**
 * Carries what happens to this process's tunnels into the consoles' records, in order, and what
 * happens to consoles anywhere back to the tunnels.
 */
export class TunnelEvents implements TunnelListener {
  readonly #consoles: ConsoleService;
  readonly #leases: EndpointLeases;
  readonly #log: Logger;
  readonly #queues = new Map<string, Promise<void>>();
  readonly #open = new Map<string, string>();
  #tunnels: Tunnels | undefined;
  #stopped = false;

  constructor(consoles: ConsoleService, leases: EndpointLeases, log: Logger) {
    this.#consoles = consoles;
    this.#leases = leases;
    this.#log = log;
  }

  /** Every replica follows on its own tunnels what happens to a console anywhere. */
  connect(events: ConsoleEvents, tunnels: Tunnels): void {
    this.#tunnels = tunnels;
    events.onAny((news) => {
      if (news.type === 'state') this.#follow(news.console);
    });
    events.onGap(() => {
      for (const id of new Set(this.#open.values())) {
        // One that Redis has forgotten runs on until its deadline.
        this.#consoles.get(id).then(
          (record) => this.#follow(viewOf(record)),
          () => undefined,
        );
      }
    });
  }

  async admit(grant: TunnelGrant): Promise<number> {
    const record = await this.#consoles.get(grant.consoleId);
    assertOpen(record, Date.now());
    return record.expiresAt;
  }

  opened(grant: TunnelGrant, tunnel: string): void {
    this.#open.set(tunnel, grant.consoleId);
    this.#leases.attach(grant.consoleId, tunnel);
    this.#consoles.tellStep(grant.consoleId, 'waiting-for-picture');
    this.#keep(grant, { type: 'tunnel-opened', tunnel });
  }

  pictured(grant: TunnelGrant, tunnel: string): void {
    this.#keep(grant, { type: 'pictured', tunnel });
  }

  closed(grant: TunnelGrant, tunnel: string, end: TunnelEnd): void {
    this.#open.delete(tunnel);
    this.#leases.detach(grant.consoleId, tunnel);
    this.#keep(grant, { type: 'tunnel-closed', tunnel, end });
  }

  /** Waits until all that happened is written, or until Redis does not take it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#queues.values());
  }

  #follow(view: ConsoleView): void {
    if (view.state !== 'closed') {
      this.#tunnels?.setDeadline(view.id, Date.parse(view.expiresAt));
      return;
    }
    const reason = view.reason ?? 'ended';
    this.#tunnels?.closeConsole(view.id, reason, view.error?.message ?? SENTENCE[reason]);
    void this.#leases.release(view.id);
  }

  #keep(grant: TunnelGrant, event: ConsoleChange): void {
    const { consoleId } = grant;
    const before = this.#queues.get(consoleId) ?? Promise.resolve();
    const after = before.then(() => this.#write(grant, event));
    this.#queues.set(consoleId, after);
    void after.then(() => {
      if (this.#queues.get(consoleId) === after) this.#queues.delete(consoleId);
    });
  }

  /** While Redis is away it is tried again: the record must not stay wrong when Redis is back. */
  async #write(grant: TunnelGrant, event: ConsoleChange): Promise<void> {
    for (;;) {
      try {
        // It may have been closed after the tunnel was admitted and before the tunnel was there.
        this.#follow(viewOf(await this.#consoles.apply(grant.consoleId, event)));
        return;
      } catch (error) {
        const { status } = toGatewayError(error);
        if (status === 'console_not_found') return;
        if (status !== 'redis_unavailable' || this.#stopped) {
          const { consoleId, machine } = grant;
          this.#log.warn({ consoleId, machine, err: error }, 'console state cannot be written');
          return;
        }
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
