import { GatewayError } from '../../errors.ts';
import { RemoteFault, faultOfStatus } from '../remote-fault.ts';
import type { RemoteAnswer } from '../remote-http.ts';
import { faultReply } from './replies.ts';

/** Longest piece of the engine's own words that is told on. */
const MOST_WORDS = 300;
/** How USER_CANNOT_FORCE_RECONNECT_TO_VM and ACTION_TYPE_FAILED_VM_IN_USE_BY_OTHER_USER begin. */
const HELD = /another user|by other user/i;
const STATE = /VM is (?!running)|VM status/i;

/** What an answer that is no success means to us. */
export function faultOf(name: string, { status, text }: RemoteAnswer): GatewayError {
  const words = wordsOf(text);
  const says = words ? `: ${words}` : ` (HTTP ${status})`;
  if (status === 404) return new GatewayError('machine_not_found', `${name} has no such VM`);
  if (HELD.test(words) || (status === 403 && words === '')) {
    // The engine refuses a viewer's file to all but the console's user by an empty 403.
    const message = `${name}: another user holds the console of this VM`;
    return new GatewayError('console_held', message);
  }
  if (status === 403) {
    const message = `${name}: the configured account is not allowed to do this${says}`;
    return new GatewayError('provider_refused', message, { cause: new RemoteFault('PERMISSION') });
  }
  if (status === 409) {
    const row = STATE.test(words) ? 'machine_not_running' : 'target_refused';
    return new GatewayError(row, `${name} refuses${says}`);
  }
  return new GatewayError('provider_unavailable', `${name} answers HTTP ${status}`, {
    cause: faultOfStatus(status, words || undefined),
  });
}

/** The engine's own words, out of the brackets that it puts around them. */
function wordsOf(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return '';
  }
  const { data } = faultReply.safeParse(value);
  const said = data?.detail ?? data?.reason ?? '';
  return said.replaceAll(/^\[|\]$/g, '').slice(0, MOST_WORDS);
}
