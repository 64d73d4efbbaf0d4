import type { IncomingHttpHeaders } from 'node:http';
import { parseUrl } from '../platform/parse-url.ts';

/**
 * From which web origins the gateway may be used with a browser's own credentials: its public URL,
 * the configured ones, and the one that a trusted proxy says the browser asked for. Pure; serves
 * the tunnel's upgrade and the API's cross-site check.
 */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;
  readonly #trustedProxies: (address: string) => boolean;

  /** Throws TypeError when one of the URLs is none. */
  constructor(options: {
    readonly publicUrl: string;
    readonly allowedOrigins: readonly string[];
    readonly trustedProxies: (address: string) => boolean;
  }) {
    const urls = [options.publicUrl, ...options.allowedOrigins];
    this.#allowed = new Set(urls.map((url) => new URL(url).origin));
    this.#trustedProxies = options.trustedProxies;
  }

  /**
   * A missing Origin is a client that is no browser, and allowed: browsers always send it with a
   * WebSocket and with every request that can change something (Fetch standard, "Origin header").
   */
  allows(
    origin: string | undefined,
    headers: IncomingHttpHeaders,
    remoteAddress: string | undefined,
  ): boolean {
    if (origin === undefined) return true;
    const asked = originOf(origin);
    if (asked === null) return false;
    if (this.#allowed.has(asked)) return true;
    if (remoteAddress === undefined || !this.#trustedProxies(remoteAddress)) return false;
    return asked === forwardedOrigin(headers);
  }
}

/** Null for `null`, for anything with a path, and for what is no URL. */
function originOf(origin: string): string | null {
  const url = parseUrl(origin);
  if (url === null) return null;
  return url.origin !== 'null' && url.href === `${url.origin}/` ? url.origin : null;
}

/** Proxies in a row add their values at the end: the first one is what the browser asked for. */
function forwardedOrigin(headers: IncomingHttpHeaders): string | null {
  const [protocol, host] = ['x-forwarded-proto', 'x-forwarded-host'].map((name) =>
    String(headers[name] ?? '')
      .split(',')[0]
      ?.trim(),
  );
  return protocol && host ? originOf(`${protocol}://${host}`) : null;
}
