import ipaddr from 'ipaddr.js';
import type { Opening } from '../api/opening.ts';
import { GatewayError } from '../errors.ts';
import { callerOf } from '../platform/client-address.ts';
import { TryLimit } from '../platform/try-limit.ts';
import type { Provider } from '../providers/provider.ts';
import { FireEdgeDoor } from '../tunnel/fireedge-door.ts';
import type { Base } from './base.ts';

const TRIES = { name: 'fireedge', tries: 20, windowMs: 900_000 };

/** The door for FireEdge's tokens, where the configuration has its key. */
export function fireEdgeDoor(
  { config, redis, audit, log, now, guacds, locations }: Base,
  opening: Opening,
): FireEdgeDoor | null {
  const { fireEdge } = config;
  if (!fireEdge) return null;
  const { user, location = locations[0] ?? 'default' } = fireEdge;
  return new FireEdgeDoor({
    ...{ audit, log, now, callerOf },
    key: Buffer.from(fireEdge.key.reveal()),
    mayReach: (host) => fireEdge.hosts.some((allowed) => covers(allowed, host)),
    tries: new TryLimit(redis, TRIES),
    async open({ protocol, readOnly }, id, from) {
      const machine = { ...MACHINE, id, localId: id, name: id, location, consoles: [protocol] };
      const { record } = await opening.open(
        { name: user, role: 'customer', via: 'launch', machines: [id], scope: null },
        { who: user, via: 'launch', from },
        { machine, kind: protocol, user, ...(readOnly && { readOnly }) },
      );
      if (record.approval)
        throw new GatewayError('approval_pending', `${id} waits for an approval`);
      return {
        ...{ consoleId: record.id, machine: id, readOnly: record.readOnly, user },
        deadline: record.expiresAt,
        guacd: await guacds.pick(location),
      };
    },
  });
}

/** A machine of which nothing is known but what its token says; no page can ask for it again. */
const NOWHERE: Provider = {
  id: 'fireedge',
  list: async () => [],
  get: async () => undefined,
  resolve: async () => {
    throw new GatewayError('machine_not_found', 'only a token of FireEdge leads there');
  },
};
const MACHINE = { type: 'vm', power: 'unknown', owner: null, provider: NOWHERE } as const;

/** An address is looked up in addresses and ranges, a name in names: no name is resolved for it. */
function covers(allowed: string, host: string): boolean {
  const name = host.toLowerCase();
  if (!ipaddr.isValid(host)) {
    const pattern = allowed.toLowerCase();
    return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern;
  }
  const address = ipaddr.process(host);
  if (ipaddr.isValid(allowed)) return ipaddr.process(allowed).toString() === address.toString();
  if (!ipaddr.isValidCIDR(allowed)) return false;
  const range = ipaddr.parseCIDR(allowed);
  return range[0].kind() === address.kind() && address.match(range);
}
