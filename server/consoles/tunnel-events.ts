import { GATEWAY } from '../audit/actor.ts';
import type { Audit } from '../audit/audit.ts';
import type { CloseReason, ConsoleStep } from '../contract/index.ts';
import { GatewayError, toGatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type ConsoleEvents, type ConsoleNow, nowOf } from './console-events.ts';
import type { ConsoleService } from './console-service.ts';
import { workingShare } from './console-sharing.ts';
import { type ConsoleChange, type ConsoleRecord, SENTENCE, assertOpen } from './console.ts';
import type { EndpointLeases } from './endpoint-leases.ts';
import { connectionOf } from './running-connection.ts';
import { TunnelAudit, actorOf } from './tunnel-audit.ts';
import { tunnelIdOf, tunnelName } from './tunnel-name.ts';
import { TunnelPlaces } from './tunnel-places.ts';
import type { Admitted, TunnelEnd, TunnelGrant, TunnelListener, Tunnels } from './tunnel-port.ts';

export interface TunnelEventsParts {
  readonly consoles: ConsoleService;
  readonly leases: EndpointLeases;
  readonly audit: Audit;
  readonly log: Logger;
  /** Name of this replica; a record's tunnels carry it, so that a dead one's can be told. */
  readonly replica: string;
  /** Milliseconds without human input after which a console closes; 0 for never. */
  readonly idleMs: number;
  readonly now: () => number;
}

const RETRY_MS = 1000;
/** Human input is written to the record at most this often, and at least ten times within idleMs. */
const USED_MS = 10_000;

/** As a user of an endpoint: viewers' tunnels, wherever they are. */
const VIEWERS = 'viewers';

/** What is known of a tunnel of this process. */
interface OpenTunnel {
  readonly grant: TunnelGrant;
  /** guacd's connection, once it has shown a picture. */
  connection: string | null;
}

/**
 * Carries what happens to this process's tunnels into the consoles' records, in order, and what
 * happens to consoles anywhere back to the tunnels.
 */
export class TunnelEvents implements TunnelListener {
  readonly #parts: TunnelEventsParts;
  readonly #audit: TunnelAudit;
  readonly #places: TunnelPlaces;
  readonly #queues = new Map<string, Promise<void>>();
  readonly #open = new Map<string, OpenTunnel>();
  /** From which address each tunnel comes that was admitted here. */
  readonly #from = new Map<string, string>();
  /** The revision of each open console that was followed last. */
  readonly #followed = new Map<string, number>();
  /** When input was last written for each console that has a tunnel here. */
  readonly #used = new Map<string, number>();
  #tunnels: Tunnels | undefined;
  #stopped = false;

  constructor(parts: TunnelEventsParts) {
    this.#parts = parts;
    this.#audit = new TunnelAudit(parts.audit);
    this.#places = new TunnelPlaces(parts.replica);
  }

  /** Every replica follows on its own tunnels what happens to a console anywhere. */
  connect(events: ConsoleEvents, tunnels: Tunnels): void {
    this.#tunnels = tunnels;
    events.onAny((news) => {
      if (news.type === 'state') this.#follow(news);
    });
    events.onGap(() => {
      const { consoles } = this.#parts;
      const grants = new Map([...this.#open.values()].map(({ grant }) => [grant.consoleId, grant]));
      for (const [id, grant] of grants) this.#queue(grant, () => consoles.get(id));
    });
  }

  /** Writes the tunnels of this process again: it had counted as dead, and they with it. */
  assert(): void {
    for (const [tunnel, { grant, connection }] of this.#open) {
      this.#keep(grant, this.#openedChange(grant, tunnel));
      if (connection !== null && grant.viewer === null) {
        this.#keep(grant, this.#picturedChange(grant, tunnel, connection));
      }
    }
  }

  async admit(grant: TunnelGrant, tunnel: string, from: string): Promise<Admitted> {
    const record = await this.#parts.consoles.get(grant.consoleId);
    const now = this.#parts.now();
    assertOpen(record, now);
    if (grant.viewer) assertViewer(record, grant.viewer.id, now);
    this.#places.take(record, grant, tunnel);
    this.#from.set(tunnel, from);
    return { deadline: record.expiresAt, control: record.sharing.control };
  }

  refused(grant: TunnelGrant, from: string, { status, message }: GatewayError): void {
    this.#audit.write(grant, actorOf(grant, from), { status, message });
  }

  opened(grant: TunnelGrant, tunnel: string): void {
    this.#open.set(tunnel, { grant, connection: null });
    const by = actorOf(grant, this.#from.get(tunnel));
    const change = this.#openedChange(grant, tunnel);
    if (grant.viewer !== null) return this.#keep(grant, change, by);
    this.#parts.leases.attach(grant.consoleId, tunnel);
    this.#keep(grant, change, by, 'waiting-for-picture');
  }

  pictured(grant: TunnelGrant, tunnel: string, connection: string): void {
    const open = this.#open.get(tunnel);
    if (open) open.connection = connection;
    if (grant.viewer !== null) return;
    this.#audit.forget(grant.consoleId);
    const by = actorOf(grant, this.#from.get(tunnel));
    const change = this.#picturedChange(grant, tunnel, connection);
    const { idleMs, now } = this.#parts;
    if (idleMs === 0) return this.#keep(grant, change, by);
    this.#used.set(grant.consoleId, now());
    this.#keep(grant, { ...change, idleAt: now() + idleMs }, by);
  }

  forgotten(grant: TunnelGrant, connection: string): void {
    this.#keep(grant, { type: 'forgotten', connection });
  }

  used(grant: TunnelGrant): void {
    const { idleMs } = this.#parts;
    const now = this.#parts.now();
    const last = this.#used.get(grant.consoleId) ?? 0;
    if (idleMs === 0 || now - last < Math.min(USED_MS, idleMs / 10)) return;
    this.#used.set(grant.consoleId, now);
    this.#keep(grant, { type: 'used', idleAt: now + idleMs });
  }

  closed(grant: TunnelGrant, tunnel: string, end: TunnelEnd): void {
    const { consoleId, viewer } = grant;
    const by = actorOf(grant, this.#from.get(tunnel));
    const unseen = this.#open.get(tunnel)?.connection === null && viewer === null;
    this.#open.delete(tunnel);
    this.#from.delete(tunnel);
    this.#places.giveBack(grant, tunnel);
    if (unseen) this.#audit.unseen(grant, by, end);
    const now = this.#parts.now();
    const named = this.#named(tunnel);
    if (viewer) {
      this.#keep(grant, { type: 'viewer-closed', viewer: viewer.id, tunnel: named, now });
      return;
    }
    this.#used.delete(consoleId);
    this.#parts.leases.detach(consoleId, tunnel);
    this.#keep(grant, { type: 'tunnel-closed', tunnel: named, end, now });
    if (grant.once) this.#keep(grant, { type: 'closed', reason: 'ended' });
  }

  /** Waits until all that happened is written, or until Redis does not take it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#queues.values());
  }

  #named(tunnel: string): string {
    return tunnelName(this.#parts.replica, tunnel);
  }

  #openedChange({ viewer, join }: TunnelGrant, tunnel: string): ConsoleChange {
    const named = this.#named(tunnel);
    return viewer
      ? { type: 'viewer-opened', viewer: viewer.id, tunnel: named, connection: join ?? '' }
      : { type: 'tunnel-opened', tunnel: named };
  }

  #picturedChange(grant: TunnelGrant, tunnel: string, id: string) {
    const connection = connectionOf(grant, id);
    return { type: 'pictured', tunnel: this.#named(tunnel), connection } as const;
  }

  #followRecord(record: ConsoleRecord): void {
    this.#follow(nowOf(record, this.#parts.now()));
  }

  #follow({ console: view, revision, strays }: ConsoleNow): void {
    const { id } = view;
    const tunnels = this.#tunnels;
    // News of two replicas may cross on their way.
    if (revision < (this.#followed.get(id) ?? 0)) return;
    if (view.state === 'closed') {
      const reason = view.reason ?? 'ended';
      return this.#end(id, reason, view.error?.message ?? SENTENCE[reason]);
    }
    this.#hold(
      id,
      view.viewers.some(({ connected }) => connected),
    );
    this.#followed.set(id, revision);
    tunnels?.setDeadline(id, Date.parse(view.expiresAt));
    tunnels?.setControl(id, view.control);
    tunnels?.keepViewers(
      id,
      view.viewers.map((viewer) => viewer.id),
    );
    tunnels?.endStrays(id, strays.map(tunnelIdOf));
  }

  /** An endpoint stays while viewers look at it, on whichever replica, though the holder is away. */
  #hold(id: string, watched: boolean): void {
    if (watched) this.#parts.leases.attach(id, VIEWERS);
    else this.#parts.leases.detach(id, VIEWERS);
  }

  #keep(grant: TunnelGrant, event: ConsoleChange, by = GATEWAY, step?: ConsoleStep): void {
    this.#queue(grant, () => this.#parts.consoles.apply(grant.consoleId, event, by, step));
  }

  #queue(grant: TunnelGrant, act: () => Promise<ConsoleRecord>): void {
    const { consoleId } = grant;
    const before = this.#queues.get(consoleId) ?? Promise.resolve();
    const after = before.then(() => this.#insist(grant, act));
    this.#queues.set(consoleId, after);
    void after.then(() => {
      if (this.#queues.get(consoleId) === after) this.#queues.delete(consoleId);
    });
  }

  /**
   * While Redis is away it is tried again: the record must not stay wrong when Redis is back. A record
   * that is not there is looked for once more.
   */
  async #insist(grant: TunnelGrant, act: () => Promise<ConsoleRecord>): Promise<void> {
    for (let missed = false; ; ) {
      try {
        // It may have been closed after the tunnel was admitted and before the tunnel was there.
        this.#followRecord(await act());
        return;
      } catch (error) {
        const { status } = toGatewayError(error);
        if (status === 'console_not_found') {
          if (this.#stopped || !this.#hasTunnels(grant.consoleId)) return;
          if (missed) return this.#lose(grant);
          missed = true;
        } else if (status !== 'redis_unavailable' || this.#stopped) {
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

  #hasTunnels(consoleId: string): boolean {
    return [...this.#open.values()].some(({ grant }) => grant.consoleId === consoleId);
  }

  /** Ends what runs on without a record: it could be neither killed, nor revoked, nor extended. */
  #lose({ consoleId, machine }: TunnelGrant): void {
    const { log, audit } = this.#parts;
    for (const [tunnel, { grant }] of this.#open) {
      if (grant.consoleId === consoleId) this.#open.delete(tunnel);
    }
    log.error({ consoleId, machine }, 'console ended: its record is gone from Redis');
    const detail = `failed: ${FORGOTTEN}`;
    audit.write({ ...GATEWAY, action: 'close', machine, console: consoleId, result: 'ok', detail });
    this.#end(consoleId, 'failed', FORGOTTEN);
  }

  #end(consoleId: string, reason: CloseReason, message: string): void {
    this.#followed.delete(consoleId);
    this.#audit.forget(consoleId);
    this.#tunnels?.closeConsole(consoleId, reason, message);
    void this.#parts.leases.release(consoleId);
  }
}

const FORGOTTEN = 'Redis has lost this console, so that nobody could close it any more';

/** @throws GatewayError `share_expired`, `share_revoked` */
function assertViewer(record: ConsoleRecord, id: string, now: number): void {
  const viewer = record.sharing.viewers.find((one) => one.id === id);
  if (!viewer) throw new GatewayError('share_revoked', 'this shared link was revoked');
  workingShare(record, viewer, now);
}
