import { STATUS, type StatusCode, isStatusCode } from '../../../server/contract/index.ts';
import { GatewayClientError } from '../../../server/gateway-client/gateway-client-error.ts';

/** What the page itself knows: no answer came at all, or this very page closed the console. */
type OwnFault = 'network' | 'closed_here';

/** A row of the status table, or what only the page can know. */
export type FaultCode = StatusCode | OwnFault;

/** Whether the page may try again by itself while the console is open. */
export function isRetryable(code: FaultCode): boolean {
  if (code === 'closed_here') return false;
  return code === 'network' || STATUS[code].retry;
}

/** The code of whatever was thrown: anything that is not an answer of the API is `internal`. */
export function faultOf(error: unknown): FaultCode {
  if (!(error instanceof GatewayClientError)) return 'internal';
  if (error.code === 'unreachable') return 'network';
  return isStatusCode(error.code) ? error.code : 'internal';
}
