import type { ConsoleStep, ConsoleView } from '../contract/index.ts';
import type { Redis } from '../platform/redis.ts';
import { type ConsoleRecord, viewOf } from './console.ts';
import type { Effect } from './effect.ts';
import { strayTunnels } from './running-connection.ts';

const CHANNEL = 'rackside:console-events';

/** How a console is now, for everybody; and what its tunnels have to follow. */
export interface ConsoleNow {
  readonly type: 'state';
  readonly at: number;
  readonly console: ConsoleView;
  /** Of two news of a console the one with the higher number is the later one. */
  readonly revision: number;
  /** Tunnels in a connection that the holder is not in any more. */
  readonly strays: readonly string[];
}

/** What replicas tell each other. Times are milliseconds since the epoch. */
export type ConsoleNews =
  | ConsoleNow
  | { readonly type: 'step'; readonly at: number; readonly id: string; readonly step: ConsoleStep };

export function nowOf(record: ConsoleRecord, at: number): ConsoleNow {
  const { revision, sharing } = record;
  return { type: 'state', at, console: viewOf(record), revision, strays: strayTunnels(sharing) };
}

export type NewsListener = (news: ConsoleNews) => void;

/** News of consoles over Redis pub/sub: every replica hears every change, its own among them. */
export class ConsoleEvents {
  readonly #redis: Redis;
  readonly #byConsole = new Map<string, Set<NewsListener>>();
  readonly #onAny = new Set<NewsListener>();

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  start(): void {
    this.#redis.subscribe(CHANNEL, (message) => this.#deliver(JSON.parse(message) as ConsoleNews));
  }

  /** Called when news may have been missed, because Redis was away. */
  onGap(listener: () => void): void {
    this.#redis.onResubscribed(listener);
  }

  /** Tells it in the moment in which a record changes. Who was away is not told again: the truth is in the store. */
  effectOf(news: ConsoleNews): Effect {
    return ['PUBLISH', CHANNEL, JSON.stringify(news)];
  }

  async publish(news: ConsoleNews): Promise<void> {
    await this.#redis.run((client) => client.publish(CHANNEL, JSON.stringify(news)));
  }

  /** @returns how to stop listening. */
  onConsole(id: string, listener: NewsListener): () => void {
    const listeners = this.#byConsole.get(id) ?? new Set();
    this.#byConsole.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#byConsole.delete(id);
    };
  }

  onAny(listener: NewsListener): () => void {
    this.#onAny.add(listener);
    return () => this.#onAny.delete(listener);
  }

  #deliver(news: ConsoleNews): void {
    const id = news.type === 'state' ? news.console.id : news.id;
    for (const listener of this.#onAny) listener(news);
    for (const listener of this.#byConsole.get(id) ?? []) listener(news);
  }
}
