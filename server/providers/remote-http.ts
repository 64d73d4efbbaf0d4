import { Agent, type Dispatcher, buildConnector } from 'undici';
import type { z } from 'zod';
import type { StatusCode } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import { OLD_TLS, isCertificateFault, isFingerprint } from '../platform/tls-trust.ts';
import { RemoteFault } from './remote-fault.ts';

export interface RemoteHttpOptions {
  /** Whose errors these are: the provider's id. */
  readonly name: string;
  /** Its path is put before every other. */
  readonly base: URL;
  /** PEM of the CA to trust in the place of the public ones. */
  readonly ca?: string | undefined;
  /** SHA-256 of the server's certificate, hex; instead of every CA. */
  readonly fingerprint?: string | undefined;
  /** For one whole answer. ms */
  readonly timeout?: number;
  /** What it is when no answer comes, and when its certificate is not the right one. */
  readonly faults?: { readonly unavailable: StatusCode; readonly certificate: StatusCode };
  /** For one whole answer. Bytes. */
  readonly limit?: number;
  /** Speaks with a server that knows only TLS of yesterday, too. */
  readonly oldTls?: boolean | undefined;
}

/** Bytes that may still come. */
export interface ByteBudget {
  left: number;
}

export interface RemoteCall {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For this answer, where it is less than for all. Bytes. */
  readonly limit?: number;
  /** What this answer shares with others. */
  readonly budget?: ByteBudget;
  readonly signal?: AbortSignal | undefined;
}

interface Answer<Body> {
  readonly status: number;
  /** What stands behind the status in HTTP/1: some remotes say there alone what is wrong. */
  readonly reason: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Body;
}

export interface RemoteAnswer extends Omit<Answer<never>, 'body'> {
  readonly text: string;
}

const TIMEOUT_MS = 10_000;
/** Forty thousand guests of Proxmox, which says them all in one answer, at 400 bytes each. */
const LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * A provider's remote API over HTTP: one base, one trust, every call limited in time and size.
 * Whatever keeps an answer from coming is `provider_unavailable`; no redirect is followed, since a
 * redirect of an API is a sign-in page or a mistaken base.
 */
export class RemoteHttp {
  readonly #options: RemoteHttpOptions;
  readonly #agent: Agent;

  constructor(options: RemoteHttpOptions) {
    this.#options = options;
    const { ca, fingerprint, oldTls } = options;
    const plain = buildConnector({
      ...(oldTls && OLD_TLS),
      ...(ca && { ca }),
      rejectUnauthorized: !fingerprint,
      // A session that is taken up again shows no certificate to compare.
      ...(fingerprint && { maxCachedSessions: 0 }),
    });
    this.#agent = new Agent({
      connect: fingerprint ? pinned(plain, fingerprint) : plain,
    });
  }

  /** Any answer, whatever its status. @throws GatewayError `provider_unavailable` */
  async call(path: string, call: RemoteCall = {}): Promise<RemoteAnswer> {
    const { body, ...answer } = await this.download(path, call);
    return { ...answer, text: body.toString('utf8') };
  }

  /** As `call`, for what is no text. */
  async download(path: string, call: RemoteCall = {}): Promise<Answer<Buffer>> {
    const { base, timeout = TIMEOUT_MS } = this.#options;
    const limit = AbortSignal.timeout(timeout);
    const signal = call.signal ? AbortSignal.any([call.signal, limit]) : limit;
    try {
      const { statusCode, statusText, headers, body } = await this.#agent.request({
        origin: base.origin,
        path: base.pathname.replace(/\/$/, '') + path,
        method: call.method ?? 'GET',
        // A path may have one of its own.
        ...(call.query && { query: { ...call.query } }),
        headers: { accept: 'application/json', ...call.headers },
        body: call.body ?? null,
        signal,
      });
      const read = await this.#read(body, call);
      return { status: statusCode, reason: statusText, headers, body: read };
    } catch (cause) {
      if (cause instanceof GatewayError) throw cause;
      if (limit.aborted) {
        throw this.#unavailable('does not answer in time', new RemoteFault('LATE', cause));
      }
      if (isOfCertificate(cause)) {
        throw this.#fault(this.#options.faults?.certificate, whyNot(cause), cause);
      }
      throw this.#unavailable(
        whyNot(cause),
        isForeign(cause) ? new RemoteFault('FOREIGN', cause) : cause,
      );
    }
  }

  /**
   * What an answer holds, by its schema.
   *
   * @throws GatewayError `provider_unavailable` for what is no JSON, or another than is expected.
   */
  parse<T extends z.ZodType>(schema: T, { text, status }: RemoteAnswer): z.output<T> {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      const page = /^\s*<(!doctype|html)/i.test(text);
      const what = page ? 'a web page' : 'something else than JSON';
      const fault = new RemoteFault(page ? 'WEB_PAGE' : 'FOREIGN', cause);
      throw this.#unavailable(`answers with ${what} (HTTP ${status})`, fault);
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const fault = new RemoteFault('FOREIGN', parsed.error);
    throw this.#unavailable(`answers ${howElse(parsed.error)}`, fault);
  }

  /** Closes its connections. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #read(
    body: Dispatcher.ResponseData['body'],
    { budget, limit = this.#options.limit ?? LIMIT_BYTES }: RemoteCall,
  ): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw this.#tooBig(`more than ${limit} bytes`);
      if (budget && (budget.left -= chunk.length) < 0) {
        throw this.#tooBig('more bytes than a list of machines has');
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  #tooBig(what: string): GatewayError {
    return this.#unavailable(`answers with ${what}`, new RemoteFault('TOO_BIG'));
  }

  #unavailable(what: string, cause?: unknown): GatewayError {
    return this.#fault(this.#options.faults?.unavailable, what, cause);
  }

  #fault(status: StatusCode = 'provider_unavailable', what: string, cause?: unknown): GatewayError {
    return new GatewayError(status, `${this.#options.name} ${what}`, { cause });
  }
}

function howElse({ issues: [issue] }: z.ZodError): string {
  if (issue?.code === 'too_big' && issue.origin === 'array') return `with ${issue.message}`;
  return `otherwise than it should: ${issue?.path.join('.') || 'the answer'}`;
}

/** A certificate is right when it is the one that is known, whoever has signed it. */
function pinned(plain: buildConnector.connector, fingerprint: string): buildConnector.connector {
  return (options, callback) =>
    plain(options, (error, socket) => {
      if (socket && 'getPeerCertificate' in socket && !isFingerprint(socket, fingerprint)) {
        socket.destroy();
        callback(new RemoteFault('FINGERPRINT'), null);
      } else if (socket) callback(null, socket);
      else callback(error ?? new Error('no connection'), null);
    });
}

function whyNot(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'FINGERPRINT') return 'shows another certificate than is configured';
  if (isForeign(cause)) return 'cannot be reached (what answers there does not speak HTTP)';
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') return `cannot be reached (no TLS there: ${code})`;
  if (isCertificateFault(code ?? '')) return `cannot be reached (certificate refused: ${code})`;
  return `cannot be reached${code ? ` (${code})` : ''}`;
}

/** What undici says of bytes that are no HTTP; it gives such an error no code at all. */
function isForeign(cause: unknown): boolean {
  return cause instanceof Error && cause.name === 'HTTPParserError';
}

function isOfCertificate(cause: unknown): boolean {
  const { code = '' } = cause as NodeJS.ErrnoException;
  return code === 'FINGERPRINT' || isCertificateFault(code);
}
