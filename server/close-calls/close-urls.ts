import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { GatewayError } from '../errors.ts';

/**
 * Which close URLs are called (docs/portal.md). With a list of origins those alone, wherever they
 * are; without one any whose host has a public address, so that nobody who may open consoles can
 * have the gateway call into its own network.
 */
export class CloseUrls {
  readonly #on: boolean;
  readonly #allow: readonly string[] | undefined;

  /** Undefined where the configuration does not name them: then there are none. */
  constructor(config: { readonly allow?: readonly string[] | undefined } | undefined) {
    this.#on = config !== undefined;
    this.#allow = config?.allow;
  }

  /**
   * @throws GatewayError `invalid_request` for one that would never be called. That a name leads to
   * a private address is seen when it is called.
   */
  assertCallable(text: string): void {
    if (!this.#on) throw refused('this gateway calls no close URLs: closeUrls is not configured');
    const url = new URL(text);
    if (url.username || url.password || url.hash) {
      throw refused('expected a URL without a user, a password and a fragment');
    }
    const fault = this.#fault(url);
    if (fault !== undefined) throw refused(fault);
  }

  /**
   * How to find the addresses of this URL's host. What is looked up is what is connected to, so that
   * a name cannot mean another address the second time.
   *
   * @throws Error for a URL that is not called (any more).
   */
  lookupOf(url: URL): LookupFunction {
    const fault = this.#on ? this.#fault(url) : 'closeUrls is not configured';
    if (fault !== undefined) throw new Error(fault);
    return this.#allow === undefined ? lookupPublic : lookup;
  }

  #fault({ protocol, hostname, origin, port }: URL): string | undefined {
    if (protocol !== 'https:' && protocol !== 'http:') return 'expected an http or https URL';
    if (this.#allow === undefined) {
      const host = hostname.replace(/^\[|\]$/g, '');
      return ipaddr.isValid(host) && !isPublic(host) ? notPublic(host) : undefined;
    }
    const listed = this.#allow.some((allowed) => {
      const [scheme, rest] = allowed.split('://*');
      if (rest === undefined) return new URL(allowed).origin === origin;
      const suffix = port ? `${hostname}:${port}` : hostname;
      return `${scheme}:` === protocol && suffix.endsWith(rest) && suffix !== rest;
    });
    return listed ? undefined : `${origin} is not among closeUrls.allow`;
  }
}

function refused(message: string): GatewayError {
  const errors = [{ path: 'closeUrl', message }];
  return new GatewayError('invalid_request', `closeUrl: ${message}`, { errors });
}

function notPublic(address: string): string {
  return `${address} is no public address; closeUrls.allow has to name its origin`;
}

/** By IANA's registries of special-purpose addresses; an IPv4 address in IPv6 counts as itself. */
export function isPublic(address: string): boolean {
  const parsed = ipaddr.process(address);
  // IPv4 in IPv6 as RFC 4291 deprecates it, ::127.0.0.1: some systems take it for the IPv4 address.
  const compatible = parsed.kind() === 'ipv6' && parsed.toByteArray().slice(0, 12).every(isZero);
  return !compatible && parsed.range() === 'unicast';
}

const isZero = (byte: number): boolean => byte === 0;

const lookupPublic: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return done(error, '');
    const inside = addresses.find(({ address }) => !isPublic(address));
    if (inside) return done(new Error(`${hostname}: ${notPublic(inside.address)}`), '');
    if (options.all) return done(null, addresses);
    const [first] = addresses;
    return done(null, first?.address ?? '', first?.family);
  });
};
