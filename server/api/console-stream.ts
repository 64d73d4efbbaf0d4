import type { Response } from 'express';
import type { ConsoleEvents, ConsoleNews } from '../consoles/console-events.ts';
import type { ConsoleService } from '../consoles/console-service.ts';
import { type ConsoleRecord, viewOf } from '../consoles/console.ts';
import type { ConsoleEvent } from '../contract/index.ts';
import { toGatewayError } from '../errors.ts';

/** Proxies close a silent connection after 30 to 60 s; who may look no longer is gone this soon. */
const HEARTBEAT_MS = 5000;

/** Who looks. */
interface Onlooker {
  /** Null for all but viewers. */
  readonly viewer: string | null;
  /** Asks anew; throws when they may look no longer. */
  readonly stillMay: (record: ConsoleRecord) => Promise<void>;
}

/**
 * A console's events as Server-Sent Events (HTML Living Standard, section 9.2): the state now, then
 * each step and change, until the console is closed, the client leaves, or may look no longer: that is
 * asked before each event and with each heartbeat.
 */
export async function streamConsoleEvents(
  response: Response,
  id: string,
  parts: { consoles: ConsoleService; events: ConsoleEvents; now: () => number },
  { viewer, stillMay }: Onlooker,
): Promise<void> {
  const { consoles, events, now } = parts;
  response.set({
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  const write = (event: ConsoleEvent): void => {
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    if (event.type !== 'state') return;
    const { state, viewers } = event.console;
    const belongs = viewer === null || viewers.some(({ id: one }) => one === viewer);
    if (state === 'closed' || !belongs) response.end();
  };
  // Listening begins before the state is read, so that no change falls between.
  const early: ConsoleNews[] = [];
  let onNews = (news: ConsoleNews): void => void early.push(news);
  const stopListening = events.onConsole(id, (news) => onNews(news));
  let record: ConsoleRecord | undefined;
  let last = Promise.resolve();
  /** One after the other, so that events keep their order. */
  const whileAllowed = (then: () => void): void => {
    last = last.then(async () => {
      if (response.writableEnded || record === undefined) return;
      if (await mayGoOn(record, stillMay)) then();
      else response.end();
    });
  };
  const heartbeat = setInterval(() => {
    whileAllowed(() => response.write(': \n\n'));
  }, HEARTBEAT_MS);
  response.on('close', () => {
    stopListening();
    clearInterval(heartbeat);
  });
  record = await consoles.get(id);
  write({ type: 'state', serverTime: new Date(now()).toISOString(), console: viewOf(record) });
  let shown = record.revision;
  onNews = (news) => {
    if (response.writableEnded) return;
    if (news.type === 'state') {
      // News of two replicas may cross on their way.
      if (news.revision <= shown) return;
      shown = news.revision;
    }
    whileAllowed(() => write(eventOf(news)));
  };
  early.forEach(onNews);
}

/** While Redis is away nobody can be asked after, and nothing is told either. */
async function mayGoOn(record: ConsoleRecord, stillMay: Onlooker['stillMay']): Promise<boolean> {
  try {
    await stillMay(record);
    return true;
  } catch (error) {
    return toGatewayError(error).status === 'redis_unavailable';
  }
}

function eventOf(news: ConsoleNews): ConsoleEvent {
  const at = new Date(news.at).toISOString();
  return news.type === 'step'
    ? { type: 'step', at, step: news.step }
    : { type: 'state', serverTime: at, console: news.console };
}
