/**
 * What is wrong with how a remote is configured, so that an operator can be told how to mend it. It is
 * the cause of the GatewayError that says so to users.
 */
export type RemoteFaultCode =
  /** No whole answer in time. */
  | 'LATE'
  /** A web page: a sign-in, a proxy's, or the URL of something for people. */
  | 'WEB_PAGE'
  /** Something answers that is not this API. */
  | 'FOREIGN'
  /** The API's path is not there. */
  | 'NO_SUCH_PATH'
  /** It answers HTTP 5xx, or the like. */
  | 'FAILING'
  /** More bytes than an answer may have. */
  | 'TOO_BIG'
  /** Another certificate than the pinned one. */
  | 'FINGERPRINT'
  | 'CREDENTIALS'
  /** It takes no token that it has just issued. */
  | 'TOKEN'
  /** It does not understand by what it is to search its machines. */
  | 'SEARCH'
  /** The account is known, and may not do what is needed. */
  | 'PERMISSION';

export class RemoteFault extends Error {
  override readonly name = 'RemoteFault';
  readonly code: RemoteFaultCode;

  constructor(code: RemoteFaultCode, cause?: unknown) {
    super(code, { cause });
    this.code = code;
  }
}

/** For an answer by whose status alone one sees that it is none of the API's. */
export function faultOfStatus(status: number, cause?: unknown): RemoteFault {
  if (status === 404 || status === 405) return new RemoteFault('NO_SUCH_PATH', cause);
  return new RemoteFault(status >= 500 || status === 429 ? 'FAILING' : 'FOREIGN', cause);
}
