import { GatewayError } from '../../errors.ts';
import { RemoteFault, type RemoteFaultCode, faultOfStatus } from '../remote-fault.ts';
import type { RemoteAnswer } from '../remote-http.ts';
import { faultReply } from './replies.ts';

/** What a call is about: the same status means another thing by it. */
export type Subject = 'machines' | 'found machines' | 'machine' | 'viewer file';

/** Longest piece of the engine's own words that is told on. */
const MOST_WORDS = 300;
/** How USER_CANNOT_FORCE_RECONNECT_TO_VM and ACTION_TYPE_FAILED_VM_IN_USE_BY_OTHER_USER begin. */
const HELD = /another user|by other user/i;
const STATE = /VM is (?!running)|VM status/i;

/** What an answer that is no success means to us. */
export function faultOf(name: string, about: Subject, answer: RemoteAnswer): GatewayError {
  const { status, text } = answer;
  const words = wordsOf(text);
  const says = words ? `: ${words}` : ` (HTTP ${status})`;
  const unavailable = (what: string, code: RemoteFaultCode) =>
    new GatewayError('provider_unavailable', `${name} ${what}`, { cause: new RemoteFault(code) });
  // The engine refuses a viewer's file to all but the console's user by an empty 403.
  if (HELD.test(words) || (about === 'viewer file' && status === 403 && text === '')) {
    const message = `${name}: another user holds the console of this VM`;
    return new GatewayError('console_held', message);
  }
  if (/^\s*<(!doctype|html)/i.test(text) && status < 500) {
    const what = `answers with a web page (HTTP ${status}), as a proxy does: is \`url\` the engine's?`;
    return unavailable(what, 'WEB_PAGE');
  }
  const isList = about === 'machines' || about === 'found machines';
  if (status === 404 && isList) {
    return unavailable("has no list of VMs (HTTP 404): is `url` the engine's?", 'NO_SUCH_PATH');
  }
  if (status === 404) return new GatewayError('machine_not_found', `${name} has no such VM`);
  if (status === 400 && about === 'found machines') {
    return unavailable(`does not understand \`search\`${says}`, 'SEARCH');
  }
  if (status === 403) {
    const who = words
      ? 'the configured account is'
      : 'the configured account, or a proxy before it, is';
    const message = `${name}: ${who} not allowed to do this${says}`;
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
