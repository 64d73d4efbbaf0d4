import type { AuditEntry } from '../contract/index.ts';
import { callerOf } from '../platform/client-address.ts';

export interface RefusalLimitOptions {
  /** Refusals of one caller that are kept in a window. */
  readonly each: number;
  /** Addresses that have a count of their own in a window; all others share one. */
  readonly addresses: number;
}

interface Count {
  readonly who: string | null;
  readonly from: string | null;
  kept: number;
  readonly leftOut: Map<AuditEntry['action'], number>;
}

/**
 * Which refusals a trail of limited length keeps, so that nobody can push out what it tells of
 * others. A person or a token has a count of their own, wherever they come from, and so has a console;
 * strangers have their address's.
 */
export class RefusalLimit {
  readonly #options: RefusalLimitOptions;
  readonly #counts = new Map<string, Count>();
  readonly #addresses = new Set<string>();

  constructor(options: RefusalLimitOptions) {
    this.#options = options;
  }

  /** Whether an entry is to be kept; one that is not is counted. */
  takes(entry: AuditEntry): boolean {
    if (entry.result === 'ok' || entry.from === null) return true;
    const count = this.#countOf(entry, entry.from);
    if (count.kept < this.#options.each) {
      count.kept += 1;
      return true;
    }
    count.leftOut.set(entry.action, (count.leftOut.get(entry.action) ?? 0) + 1);
    return false;
  }

  /** Ends the window: for each caller of whom something was left out in it, the entry that says so. */
  end(): AuditEntry[] {
    const summaries = [...this.#counts.values()].flatMap(summaryOf);
    this.#counts.clear();
    this.#addresses.clear();
    return summaries;
  }

  #countOf({ action, who, via, console: id }: AuditEntry, from: string): Count {
    // Who holds or watches a console may have given any name, and so may who is refused a sign-in.
    if (via === 'console' && id !== null) return this.#count(`console ${id}`, { who: null, from });
    if (who !== null && action !== 'login') return this.#count(`who ${who}`, { who, from });
    const caller = callerOf(from);
    if (this.#addresses.size === this.#options.addresses && !this.#addresses.has(caller)) {
      return this.#count('elsewhere', { who: null, from: null });
    }
    this.#addresses.add(caller);
    return this.#count(`from ${caller}`, { who: null, from });
  }

  #count(key: string, whose: Pick<Count, 'who' | 'from'>): Count {
    const count: Count = this.#counts.get(key) ?? { ...whose, kept: 0, leftOut: new Map() };
    this.#counts.set(key, count);
    return count;
  }
}

/** Under the action that was refused most often. */
function summaryOf({ who, from, leftOut }: Count): AuditEntry[] {
  const most = [...leftOut].toSorted(([, one], [, other]) => other - one);
  const [first] = most;
  if (!first) return [];
  const all = most.reduce((sum, [, times]) => sum + times, 0);
  const each = most.map(([action, times]) => `${action} ${times}`).join(', ');
  return [
    {
      action: first[0],
      who,
      via: 'gateway',
      from,
      machine: null,
      console: null,
      result: 'rate_limited',
      detail: `${all} more refused in the same minute, not told one by one: ${each}`,
    },
  ];
}
