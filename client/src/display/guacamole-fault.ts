import { isStatusCode, type StatusCode } from '../../../server/contract/index.ts';
import type { FaultCode } from '../api/fault-code.ts';

/**
 * Rows for a guacd or a proxy that speaks for itself: the number of a Guacamole status alone. Our
 * gateway names the row in the `error` instruction's text; this is for all that it did not say.
 */
const ROWS: Readonly<Record<number, StatusCode>> = {
  256: 'target_unsupported',
  514: 'target_timeout',
  515: 'target_lost',
  519: 'target_unreachable',
  520: 'target_unreachable',
  521: 'target_busy',
  769: 'target_credentials_refused',
  776: 'client_timeout',
  781: 'instruction_too_large',
  797: 'rate_limited',
};

/** What the machine's side said in an `error` instruction. */
export function faultOfInstruction(number: number, text: string | undefined): FaultCode {
  if (text !== undefined && isStatusCode(text)) return text;
  return ROWS[number] ?? 'target_lost';
}

/**
 * How the tunnel itself broke. guacamole-common-js puts the WebSocket's close reason, our decimal
 * status, into the text as well; without a reason the connection just went away.
 */
export function faultOfTunnel(number: number, text: string | undefined): FaultCode {
  if (text === undefined || !/^\d+$/.test(text)) return 'network';
  return ROWS[number] ?? 'network';
}
