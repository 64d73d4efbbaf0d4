import { createClient } from '@node-redis/client';
import { GatewayError } from '../errors.ts';
import type { Logger } from '../log.ts';

export type RedisClient = ReturnType<typeof newClient>;

const CONNECT_TIMEOUT_MS = 3000;
const PING_MS = 4000;
/**
 * A connection that leaves a command without an answer for three seconds, four at most, is given up: it is
 * looked at every second as long as something waits.
 */
const LOOK_MS = 1000;
const LOOKS = 3;
const STOP_MS = 1000;
/** A socket that is silent for longer than two pings is dead (a stopped server, a lost link). */
const SILENCE_MS = 10_000;

function newClient(target: { url: string } | { socketPath: string }) {
  const socket = {
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    reconnectStrategy: (retries: number) => Math.min(100 * 2 ** retries, 3000),
  };
  return createClient({
    ...('url' in target
      ? { url: target.url, socket }
      : { socket: { ...socket, path: target.socketPath, tls: false } }),
    // While Redis is away a call fails at once, it does not pile up.
    disableOfflineQueue: true,
    // See LOOK_MS; node-redis would make an AbortSignal for each command, which costs more than
    // the command does.
    commandOptions: { timeout: 0 },
    pingInterval: PING_MS,
  });
}

/**
 * Redis as the gateway uses it: one connection for commands, one for subscriptions. Both reconnect
 * with back-off for ever; `ready` says how it is now.
 */
export class Redis {
  readonly #client: RedisClient;
  readonly #subscriber: RedisClient;
  readonly #log: Logger;
  #lost = false;
  /** How many commands were sent, how many of them are over, and how many were sent at the last looks. */
  #asked = 0;
  #answered = 0;
  #askedBefore: number[] = [];
  #watch: NodeJS.Timeout | undefined;
  #connected: Promise<unknown> = Promise.resolve();

  constructor(target: { url: string } | { socketPath: string }, log: Logger) {
    this.#log = log;
    this.#client = newClient(target);
    this.#subscriber = newClient(target);
    this.#client.on('error', (error: unknown) => this.#onError(error));
    this.#client.on('ready', () => this.#onReady());
    this.#subscriber.on('error', () => undefined);
  }

  get ready(): boolean {
    return this.#client.isReady && this.#subscriber.isReady;
  }

  /** Begins to connect and does not wait for it: a gateway may start before its Redis. */
  start(): void {
    const connecting = [this.#client, this.#subscriber].map((client) => client.connect());
    // Rejects only when stopped meanwhile: reconnecting is the client's own work.
    this.#connected = Promise.allSettled(connecting);
  }

  /** Resolves when Redis has answered once, or after `timeoutMs` all the same. */
  async settled(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.#connected, late]);
    clearTimeout(timer);
  }

  /** Subscribes now or as soon as Redis is there; survives every reconnection. */
  subscribe(channel: string, onMessage: (message: string) => void): void {
    const subscribe = (): void => {
      this.#subscriber.subscribe(channel, onMessage).catch((error: unknown) => {
        this.#log.error({ channel, err: error }, 'redis subscription failed');
      });
    };
    if (this.#subscriber.isReady) subscribe();
    else this.#subscriber.once('ready', subscribe);
  }

  /** Called each time that the subscriber is back, when messages may have been missed. */
  onResubscribed(listener: () => void): void {
    this.#subscriber.on('ready', listener);
  }

  /**
   * Runs a command, within four seconds; at once without Redis. Whatever goes wrong on the way to Redis is
   * `redis_unavailable` (503).
   */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      // node-redis would keep a transaction until it is connected.
      if (!this.#client.isReady) throw new Error('not connected');
      return await this.#inTime(command(this.#client));
    } catch (cause) {
      if (cause instanceof GatewayError) throw cause;
      throw new GatewayError('redis_unavailable', 'the session store does not answer', { cause });
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.#watch);
    await Promise.all(
      [this.#client, this.#subscriber].map(async (client) => {
        const limit = setTimeout(() => client.destroy(), STOP_MS);
        if (client.isReady) await client.close().catch(() => undefined);
        clearTimeout(limit);
        if (client.isOpen) client.destroy();
      }),
    );
  }

  /**
   * node-redis limits no command's time, and its socketTimeout starts anew with each write: under
   * load a Redis that is stopped, or a link that is cut, would never be noticed.
   */
  async #inTime<T>(reply: Promise<T>): Promise<T> {
    this.#asked += 1;
    this.#watch ??= setTimeout(() => this.#look(), LOOK_MS);
    try {
      return await reply;
    } finally {
      this.#answered += 1;
    }
  }

  /** Redis answers in the order in which it is asked. */
  #look(): void {
    this.#watch = undefined;
    this.#askedBefore.push(this.#asked);
    if (this.#askedBefore.length > LOOKS) {
      const longAgo = this.#askedBefore.shift() ?? 0;
      if (this.#answered < longAgo) this.#reconnect();
    }
    if (this.#answered < this.#asked) this.#watch = setTimeout(() => this.#look(), LOOK_MS);
    else this.#askedBefore = [];
  }

  /** Fails every command that waits, and begins anew. */
  #reconnect(): void {
    if (!this.#client.isReady) return;
    this.#client.destroy();
    this.#onError(new Error('it does not answer'));
    this.#connected = this.#client.connect().catch(() => undefined);
  }

  #onError(error: unknown): void {
    if (this.#lost) return;
    this.#lost = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#log.warn({ reason }, 'redis is not reachable, reconnecting');
  }

  #onReady(): void {
    if (this.#lost) this.#log.info('redis is back');
    this.#lost = false;
  }
}
