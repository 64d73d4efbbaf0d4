import type { Response } from 'express';
import type { ConsoleEvents, ConsoleNews } from '../consoles/console-events.ts';
import type { ConsoleService } from '../consoles/console-service.ts';
import { viewOf } from '../consoles/console.ts';
import type { ConsoleEvent } from '../contract/index.ts';

/** Proxies close a silent connection after 30 to 60 s. */
const HEARTBEAT_MS = 15_000;

/**
 * A console's events as Server-Sent Events (HTML Living Standard, section 9.2): the state now, then
 * each step and change, until the console is closed, the viewer's share is over, or the client leaves.
 *
 * @param viewer who looks; null for all but viewers.
 */
export async function streamConsoleEvents(
  response: Response,
  id: string,
  parts: { consoles: ConsoleService; events: ConsoleEvents; now: () => number },
  viewer: string | null,
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
  const heartbeat = setInterval(() => response.write(': \n\n'), HEARTBEAT_MS);
  response.on('close', () => {
    stopListening();
    clearInterval(heartbeat);
  });
  const record = await consoles.get(id);
  write({ type: 'state', serverTime: new Date(now()).toISOString(), console: viewOf(record) });
  let shown = record.revision;
  onNews = (news) => {
    if (response.writableEnded) return;
    if (news.type === 'state') {
      // News of two replicas may cross on their way.
      if (news.revision <= shown) return;
      shown = news.revision;
    }
    write(eventOf(news));
  };
  early.forEach(onNews);
}

function eventOf(news: ConsoleNews): ConsoleEvent {
  const at = new Date(news.at).toISOString();
  return news.type === 'step'
    ? { type: 'step', at, step: news.step }
    : { type: 'state', serverTime: at, console: news.console };
}
