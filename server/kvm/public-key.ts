import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { GatewayError, toGatewayError } from '../errors.ts';
import { connectTcp } from '../platform/connect-tcp.ts';
import { type TlsTrust, publicKeyHash, startTls } from '../platform/tls-trust.ts';
import type { KvmRequest } from '../providers/provider-context.ts';
import { within } from '../platform/within.ts';
import type { Target } from './egress-proxy.ts';

const CONNECT_MS = 10_000;

/** Host and port of a BMC's web interface. */
export function targetOf(url: URL): Target {
  const usual = url.protocol === 'https:' ? 443 : 80;
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port || usual) };
}

/**
 * The SHA-256 of the public key that the BMC shows now, in base64, where its certificate is the one
 * that is configured: from then on this key alone is accepted. Null where there is nothing to
 * configure: plain HTTP, and certificates of public CAs, which the browser knows itself.
 *
 * @throws GatewayError `target_unreachable`, `target_certificate_refused`, `target_lost`
 */
export async function publicKeyOf({
  name,
  url,
  trust,
  vendor,
  signal,
}: KvmRequest): Promise<string | null> {
  const limit = within(CONNECT_MS, signal);
  const socket = await connectTcp({ ...targetOf(url), signal: limit });
  try {
    if (url.protocol !== 'https:') return null;
    const expected = trustOf(url, trust);
    const tls = await startTls(socket, { ...expected, oldTls: vendor === 'java' }, limit);
    return 'publicCas' in expected ? null : publicKeyHash(tls);
  } catch (cause) {
    const { status, message } = toGatewayError(cause);
    if (status !== 'target_certificate_refused') throw cause;
    throw new GatewayError(status, `${name}: ${message}`, { cause });
  } finally {
    socket.destroy();
  }
}

function trustOf(url: URL, { ca, fingerprint }: KvmRequest['trust']): TlsTrust {
  if (fingerprint !== undefined) return { fingerprint };
  const serverName = targetOf(url).host;
  return ca === undefined ? { publicCas: true, serverName } : { ca, serverName };
}

/** The addresses of a BMC, by its name or as they are. @throws GatewayError `target_unreachable` */
export async function addressesOf({ name, url }: KvmRequest): Promise<readonly string[]> {
  const { host } = targetOf(url);
  if (isIP(host) !== 0) return [host];
  try {
    const found = await lookup(host, { all: true });
    return [...new Set(found.map(({ address }) => address))];
  } catch (cause) {
    const message = `${name}: the name ${host} does not resolve`;
    throw new GatewayError('target_unreachable', message, { cause });
  }
}
