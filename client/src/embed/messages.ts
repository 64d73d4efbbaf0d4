import type { CloseReason } from '../../../server/contract/index.ts';
import type { FaultCode } from '../api/fault-code.ts';

/** What a console's page tells the page that shows it. `code` is a row of the status table. */
export type Told =
  /** It is there and waits for a greeting, which shows it who shows it. */
  | { readonly type: 'ready' }
  | { readonly type: 'connected'; readonly console: string }
  /** Not over: it comes back by itself or by a press of a button. Without a code a person left. */
  | { readonly type: 'disconnected'; readonly code: FaultCode | null }
  | { readonly type: 'closed'; readonly reason: CloseReason | null; readonly code: FaultCode };

/** What a page that shows a console asks of it. */
export type Asked = { readonly type: 'hello' } | { readonly type: 'focus' | 'close' };

/** Marks a message of ours, and the version of this agreement. */
const MARK = 1;

export function post(to: Window, origin: string, message: Told | Asked): void {
  to.postMessage({ rackside: MARK, ...message }, origin);
}

/** The message in an event; undefined for what is none of ours. Who sent it is for the caller to see. */
export function messageIn(event: MessageEvent<unknown>): { readonly type: unknown } | undefined {
  const { data } = event;
  if (typeof data !== 'object' || data === null || !('rackside' in data)) return undefined;
  const { rackside, ...message } = data;
  return rackside === MARK && 'type' in message ? message : undefined;
}
