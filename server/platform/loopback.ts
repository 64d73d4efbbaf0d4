import { isIPv4 } from 'node:net';

/**
 * Whether what goes there stays on this machine, and needs no TLS. Takes a URL's host name or a plain
 * address; a name that only begins like one, `127.0.0.1.example`, may lead anywhere.
 */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1' || host === '[::1]') return true;
  return isIPv4(host) && host.startsWith('127.');
}
