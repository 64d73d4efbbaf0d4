import type { StatusCode } from '../../contract/index.ts';
import { GatewayError } from '../../errors.ts';
import { RemoteFault, type RemoteFaultCode, faultOfStatus } from '../remote-fault.ts';
import type { RemoteAnswer } from '../remote-http.ts';
import { errorReply } from './replies.ts';

/** An answer that is none: the cloud's own code, or none where a proxy answered. */
export interface CloudFailure {
  readonly status: number;
  readonly code: string;
}

export function failureOf({ status, text }: RemoteAnswer): CloudFailure {
  try {
    const { error } = errorReply.parse(JSON.parse(text));
    return { status, code: error.code };
  } catch {
    return { status, code: '' };
  }
}

/** The cloud's codes that mean something else than that it does not work. */
const MEANING: Readonly<Record<string, readonly [StatusCode, string, RemoteFaultCode?]>> = {
  unauthorized: ['provider_refused', 'the cloud does not accept the API token', 'CREDENTIALS'],
  token_readonly: [
    'provider_refused',
    'the API token may only read: it needs read and write',
    'PERMISSION',
  ],
  forbidden: ['provider_refused', 'the API token may not do this', 'PERMISSION'],
  locked: ['machine_busy', 'the server is locked by something that runs on it, try again'],
  conflict: ['machine_busy', 'the cloud is busy with the server, try again'],
  maintenance: ['provider_unavailable', 'the cloud is being maintained'],
  rate_limit_exceeded: ['provider_unavailable', "the cloud's limit of calls is used up for now"],
  server_not_started: ['machine_not_running', 'the server is not running'],
  uniqueness_error: ['invalid_request', 'there is one of that name already'],
  invalid_input: ['invalid_request', 'the cloud does not take what it was given'],
  server_error: ['provider_unavailable', 'the cloud has an error of its own', 'FAILING'],
};

/** What is told of it. The cloud's own sentence is not: it may name what is nobody's business. */
export function faultOf(name: string, { status, code }: CloudFailure): GatewayError {
  const known = MEANING[code] ?? (status === 401 ? MEANING['unauthorized'] : undefined);
  if (known) {
    const [row, sentence, fault] = known;
    const cause = fault && { cause: new RemoteFault(fault) };
    return new GatewayError(row, `${name}: ${sentence}`, cause);
  }
  const said = /^[a-z0-9_]{1,64}$/.test(code) ? `${code}, HTTP ${status}` : `HTTP ${status}`;
  const cause = faultOfStatus(status);
  return new GatewayError('provider_unavailable', `${name}: the cloud answers ${said}`, { cause });
}
