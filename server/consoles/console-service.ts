import { type Actor, GATEWAY } from '../audit/actor.ts';
import type { AuditJournal } from '../audit/audit.ts';
import type { ConsoleState, ConsoleStep } from '../contract/index.ts';
import { GatewayError, toGatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { assertApproved, assertToDecide } from './approval.ts';
import { ageOf, createdAtOf } from './console-age.ts';
import { entryOfOpening } from './console-audit.ts';
import type { Binding } from './binding.ts';
import { type ConsoleEvents, nowOf } from './console-events.ts';
import type { ConsoleStore, EffectsOf, Written } from './console-store.ts';
import { type ConsoleChange, type ConsoleRecord, assertOpen } from './console.ts';
import { isKeyOf } from './launch-key.ts';
import {
  type ConsoleLimits,
  type OpenConsole,
  type OpenedConsole,
  newConsole,
} from './new-console.ts';
import { NotedChange } from './noted-change.ts';
import { replicasOf } from './tunnel-name.ts';

export interface ConsoleSearch {
  /** Only those that were opened for them, or on a machine of theirs. */
  readonly name?: string | undefined;
  /** The age of the last one that is known already; see ageOf. */
  readonly after?: string | undefined;
  readonly matches: (record: ConsoleRecord) => boolean;
  readonly limit: number;
}

export interface ConsoleServiceParts {
  readonly store: ConsoleStore;
  /** What has to happen in Redis together with a change of a record, or not at all. */
  readonly effectsOf?: EffectsOf;
  readonly events: ConsoleEvents;
  readonly limits: ConsoleLimits;
  readonly audit: AuditJournal;
  readonly log: Logger;
  readonly now: () => number;
}

/** The life of consoles: opened, redeemed, connected, closed. Knows no HTTP and no WebSocket. */
export class ConsoleService {
  readonly #parts: ConsoleServiceParts;

  constructor(parts: ConsoleServiceParts) {
    this.#parts = parts;
  }

  /**
   * @throws GatewayError `console_kind_unavailable`, `invalid_request`, `console_limit`,
   * `redis_unavailable`
   */
  async open(request: OpenConsole, by: Actor): Promise<OpenedConsole> {
    const { limits, store, audit, log, now } = this.#parts;
    const opened = newConsole(request, limits, now());
    const { record } = opened;
    const note = audit.note(entryOfOpening(record, by));
    const most = request.limited === true ? limits.perCustomer : 0;
    const [reply] = await store.create(record, { effects: [note.effect], most });
    note.kept(reply);
    log.info(
      { consoleId: record.id, machine: record.machine, kind: record.kind, user: record.user },
      'console opened',
    );
    return opened;
  }

  /** @throws GatewayError `console_not_found` */
  async get(id: string): Promise<ConsoleRecord> {
    return this.#parts.store.get(id);
  }

  /** Open consoles, the oldest first; only so many are read as are needed. */
  async listOpen(search: ConsoleSearch): Promise<ConsoleRecord[]> {
    const { store, now } = this.#parts;
    const { name, after = '', matches, limit } = search;
    const found: ConsoleRecord[] = [];
    for await (const record of store.open({ name, from: createdAtOf(after) })) {
      if (ageOf(record) <= after || record.expiresAt <= now() || !matches(record)) continue;
      if (found.push(record) === limit) break;
    }
    return found;
  }

  /** How many consoles there are in each state; closed ones are none. */
  async countByState(): Promise<Map<ConsoleState, number>> {
    const counts = new Map<ConsoleState, number>();
    for await (const { state } of this.#parts.store.open()) {
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
    return counts;
  }

  /** Closes those that somebody has opened in one sign-in of theirs. */
  async closeOpenedIn(signIns: readonly string[], name: string, by: Actor): Promise<void> {
    for await (const { id, signIn } of this.#parts.store.openedBy(name)) {
      if (signIn === null || !signIns.includes(signIn)) continue;
      await this.close(id, 'ended', by).catch(unlessGone);
    }
  }

  /**
   * Binds a console to the browser that holds its launch key. The same browser may ask again.
   *
   * @throws GatewayError `launch_key_invalid`, `launch_key_used`, or the console's close reason.
   */
  async redeem(id: string, launchKey: string, browser: Binding, by: Actor): Promise<ConsoleRecord> {
    return this.decide(id, by, (record) => {
      assertOpen(record, this.#parts.now());
      if (!isKeyOf(record.launchKeyHash, launchKey)) {
        throw new GatewayError('launch_key_invalid', 'this launch key does not open this console');
      }
      if (record.browser !== null && !browser.brought.includes(record.browser)) {
        throw new GatewayError(
          'launch_key_used',
          'this link was opened in another browser already',
        );
      }
      return { type: 'redeemed', browser: record.browser ?? browser.fresh };
    });
  }

  /**
   * Moves the deadline by so many seconds, up to the console's last possible one.
   *
   * @throws GatewayError `extension_exhausted` when it is there already, or the close reason.
   */
  async extend(
    id: string,
    by: Actor,
    seconds = this.#parts.limits.extendStep,
  ): Promise<ConsoleRecord> {
    const extended = await this.decide(id, by, (record) => {
      assertOpen(record, this.#parts.now());
      assertApproved(record);
      if (record.expiresAt >= record.extendableUntil) {
        throw new GatewayError('extension_exhausted', 'this console cannot be extended any more');
      }
      const expiresAt = Math.min(record.expiresAt + seconds * 1000, record.extendableUntil);
      return { type: 'extended', expiresAt };
    });
    const { machine, expiresAt } = extended;
    const until = new Date(expiresAt).toISOString();
    this.#parts.log.info({ consoleId: id, machine, until }, 'console extended');
    return extended;
  }

  /**
   * Lets a console go on that waits for it; its time begins now. Approving it twice is no error, the
   * first one has done it.
   *
   * @throws GatewayError `approval_settled`, or the close reason.
   */
  async approve(id: string, by: Actor & { who: string }): Promise<ConsoleRecord> {
    const { limits, now, log } = this.#parts;
    const approved = await this.decide(id, by, (record) => {
      assertOpen(record, now());
      if (record.approval?.state !== 'granted') assertToDecide(record);
      const expiresAt = now() + (record.approval?.ttl ?? 0);
      return {
        type: 'approved',
        by: by.who,
        expiresAt,
        extendableUntil: now() + limits.maxTtl * 1000,
      };
    });
    const { machine, approval } = approved;
    log.info({ consoleId: id, machine, by: approval?.by }, 'console approved');
    return approved;
  }

  /**
   * Closes a console that waits for its approval; `detail` is what the page says.
   *
   * @throws GatewayError `approval_settled`, or the close reason.
   */
  async refuse(id: string, by: Actor & { who: string }, detail?: string): Promise<ConsoleRecord> {
    const message = detail === undefined ? `${by.who} did not approve it` : `${by.who}: ${detail}`;
    return this.decide(id, by, (record) => {
      assertOpen(record, this.#parts.now());
      assertToDecide(record);
      return { type: 'refused', by: by.who, fault: { code: 'approval_refused', message } };
    });
  }

  /** Closes a console everywhere. Closing a closed one is no error. */
  async close(id: string, reason: 'ended' | 'killed', by: Actor): Promise<void> {
    await this.decide(id, by, () => ({ type: 'closed', reason }));
  }

  /** Applies a change, tells every replica, and logs a closing once. The page is told of `step` with it. */
  async apply(
    id: string,
    event: ConsoleChange,
    by: Actor = GATEWAY,
    step?: ConsoleStep,
  ): Promise<ConsoleRecord> {
    return this.decide(id, by, () => event, step);
  }

  /**
   * Ends consoles whose time is over, and takes them out of the lists; does what else is due. Run often,
   * on every replica.
   */
  async sweep(): Promise<void> {
    const { store, audit, now: clock } = this.#parts;
    const now = clock();
    for (const id of await store.due(now)) {
      const expiry = () => ({ type: 'closed', reason: 'expired' }) as const;
      const noted = new NotedChange(audit, GATEWAY, expiry);
      const over = await store.takeExpired(id, now, noted.apply, this.#along(noted));
      if (over) this.#note(noted, over);
      if (!over) await this.apply(id, { type: 'due', now }).catch(unlessGone);
    }
  }

  /** Detaches consoles from tunnels of dead replicas. Run now and then, on every replica. */
  async dropTunnels(replicas: {
    gone(): Promise<string[]>;
    forget(ids: readonly string[]): Promise<void>;
  }): Promise<void> {
    const gone = await replicas.gone();
    if (gone.length === 0) return;
    for await (const record of this.#parts.store.open()) {
      const byReplica = replicasOf(allTunnels(record));
      const tunnels = gone.flatMap((id) => byReplica.get(id) ?? []);
      if (tunnels.length === 0) continue;
      const event = { type: 'tunnels-lost', tunnels, now: this.#parts.now() } as const;
      await this.apply(record.id, event).catch(unlessGone);
    }
    await replicas.forget(gone);
  }

  /** Tells the page what is being done. A lost step is no loss: it only informs. */
  tellStep(id: string, step: ConsoleStep): void {
    const { events, now } = this.#parts;
    events.publish({ type: 'step', at: now(), id, step }).catch(() => undefined);
  }

  /** Applies what is decided of the record as it is at that moment; throws what `decide` throws. */
  async decide(
    id: string,
    by: Actor,
    decide: (record: ConsoleRecord) => ConsoleChange,
    step?: ConsoleStep,
  ): Promise<ConsoleRecord> {
    const { store, audit } = this.#parts;
    const noted = new NotedChange(audit, by, decide);
    const written = await store.update(id, noted.apply, this.#along(noted, step));
    this.#note(noted, written);
    return written.after;
  }

  /** What happens in Redis together with a change. */
  #along(noted: NotedChange, step?: ConsoleStep): EffectsOf {
    const { effectsOf = () => [], events, now } = this.#parts;
    return (updated) => {
      const { id } = updated.after;
      return [
        ...noted.effectsOf(updated),
        ...effectsOf(updated),
        ...(step ? [events.effectOf({ type: 'step', at: now(), id, step })] : []),
        events.effectOf(nowOf(updated.after, now())),
      ];
    };
  }

  #note(noted: NotedChange, written: Written): void {
    const { before, after: record } = written;
    if (before === record) return;
    noted.written(written);
    if (record.state === 'closed') {
      const { id: consoleId, machine, user, reason, fault } = record;
      const about = { consoleId, machine, user, reason, code: fault?.code };
      this.#parts.log.info(about, 'console closed');
    }
  }
}

/** The holder's and the viewers'. */
function allTunnels({ tunnels, sharing }: ConsoleRecord): string[] {
  return [...tunnels, ...sharing.viewers.flatMap((viewer) => viewer.tunnels)];
}

/** Somebody else may have taken it meanwhile. */
function unlessGone(error: unknown): void {
  if (toGatewayError(error).status !== 'console_not_found') throw error;
}
