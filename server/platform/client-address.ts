import ipaddr from 'ipaddr.js';

/** Bits of an IPv6 network as one customer gets it: each of its addresses is free to be taken. */
const NETWORK_BITS = 64;

/**
 * Who is counted as one caller: an IPv4 address, however it is written, or an IPv6 network of 64
 * bits (RFC 6177). What is no address at all is its own.
 */
export function callerOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const network = parsed.toByteArray().fill(0, NETWORK_BITS / 8);
  return `${ipaddr.fromByteArray(network).toString()}/${NETWORK_BITS}`;
}
