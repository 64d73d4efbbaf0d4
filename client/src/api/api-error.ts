import { type Problem, STATUS, type StatusCode } from '../../../server/contract/index.ts';

/** What the page itself knows: no answer came at all, or this very page closed the console. */
type OwnFault = 'network' | 'closed_here';

/** A row of the status table, or what only the page can know. */
export type FaultCode = StatusCode | OwnFault;

/** Whether the page may try again by itself while the console is open. */
export function isRetryable(code: FaultCode): boolean {
  if (code === 'closed_here') return false;
  return code === 'network' || STATUS[code].retry;
}

/** A call that did not succeed. `message` is for people who read logs; the page shows `error.<code>`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: FaultCode;

  constructor(code: FaultCode, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.code = code;
  }

  get retry(): boolean {
    return isRetryable(this.code);
  }

  static of(problem: Problem): ApiError {
    return new ApiError(problem.code, problem.detail);
  }
}

/** The code of whatever was thrown: anything that is not an answer of the API is `internal`. */
export function faultOf(error: unknown): FaultCode {
  return error instanceof ApiError ? error.code : 'internal';
}
