import type { StatusCode } from '../../../contract/index.ts';
import { GatewayError } from '../../../errors.ts';
import type { RemoteAnswer } from '../../remote-http.ts';
import { Declined } from '../declined.ts';
import { errorReply } from './replies.ts';

/** What makers say in their own ids and words, which are read here and never told on. */
const SAID: readonly (readonly [RegExp, StatusCode, string])[] = [
  [
    /SessionLimit|maximum number of (user )?sessions/i,
    'bmc_slots_full',
    'has as many sessions as it allows: one has to end first',
  ],
  [/CreateLimitReached/i, 'bmc_slots_full', 'has no account left'],
  [/licen[cs]e/i, 'bmc_license_missing', 'needs a licence for this, and has none'],
  [
    /locked|LoginAttemptDelayed|is blocked/i,
    'bmc_account_locked',
    'has locked the account or the gateway’s address after wrong passwords',
  ],
];

/** Of a wrong name or password, where a BMC says so with another status than 401. */
const UNAUTHORIZED = /UnauthorizedLogin|InvalidCredential|LoginFail/i;
/** An id that can be looked up in the maker's handbook. */
const MESSAGE_ID = /^[\w.]{1,80}$/;

/** What a BMC has refused, as a row of the status table. `name` begins the sentence. */
export function faultOf(name: string, { status, text }: RemoteAnswer): GatewayError {
  const fault = (code: StatusCode, what: string) => new GatewayError(code, `${name} ${what}`);
  if (status >= 300 && status < 400) {
    return fault('bmc_redirected', `redirects to another address (HTTP ${status})`);
  }
  const messages = messagesOf(text);
  for (const [pattern, code, what] of SAID) {
    const says = messages.some(({ MessageId, Message }) => pattern.test(`${MessageId} ${Message}`));
    if (says) return fault(code, what);
  }
  const ids = messages.map(({ MessageId }) => MessageId).filter((id) => MESSAGE_ID.test(id));
  const why = `HTTP ${status}${ids[0] ? `, ${ids[0]}` : ''}`;
  if (status === 401 || ids.some((id) => UNAUTHORIZED.test(id))) {
    return fault('provider_refused', `does not accept the username or password (${why})`);
  }
  if (status === 403) return fault('provider_refused', `does not allow the account that (${why})`);
  if (status >= 502 && status <= 504) {
    return fault('bmc_unavailable', `is busy or restarting (${why})`);
  }
  const cause = status < 500 ? new Declined(why) : undefined;
  return new GatewayError('bmc_unavailable', `${name} does not do what it is asked (${why})`, {
    cause,
  });
}

function messagesOf(text: string) {
  try {
    return errorReply.parse(JSON.parse(text)).error['@Message.ExtendedInfo'];
  } catch {
    return [];
  }
}
