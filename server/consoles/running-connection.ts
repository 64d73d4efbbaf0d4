import type { RunningConnection, Sharing } from './sharing.ts';
import type { GuacdConnection, TunnelGrant } from './tunnel-port.ts';

/**
 * The connection that somebody who comes now has to join: the latest that the holder is in, for a
 * viewer any other as well; for the holder one that viewers are in.
 */
export function connectionToJoin(
  sharing: Sharing,
  who: 'holder' | 'viewer',
): RunningConnection | null {
  const ofViewers = viewerTunnels(sharing);
  const watched = ({ tunnels }: RunningConnection): boolean =>
    tunnels.some((tunnel) => ofViewers.has(tunnel));
  const held = ({ tunnels }: RunningConnection): boolean =>
    tunnels.some((tunnel) => !ofViewers.has(tunnel));
  const { connections } = sharing;
  if (who === 'holder') return connections.findLast(watched) ?? null;
  return connections.findLast(held) ?? connections.at(-1) ?? null;
}

/** Tunnels of viewers in a connection that the holder has left for another. */
export function strayTunnels(sharing: Sharing): string[] {
  const ofViewers = viewerTunnels(sharing);
  const isHeld = ({ tunnels }: RunningConnection): boolean =>
    tunnels.some((tunnel) => !ofViewers.has(tunnel));
  if (!sharing.connections.some(isHeld)) return [];
  return sharing.connections.filter((one) => !isHeld(one)).flatMap(({ tunnels }) => tunnels);
}

/** With this tunnel in this connection, which counts as the latest now. */
export function withTunnel(
  connections: readonly RunningConnection[],
  connection: GuacdConnection,
  tunnel: string,
): RunningConnection[] {
  const found = connections.find(({ id }) => id === connection.id);
  const tunnels = new Set(found?.tunnels).add(tunnel);
  const others = connections.filter((one) => one !== found);
  return [...others, { ...connection, tunnels: [...tunnels] }];
}

function viewerTunnels({ viewers }: Sharing): Set<string> {
  return new Set(viewers.flatMap(({ tunnels }) => tunnels));
}

/** guacd's parameters that hold for each user of a connection and not for all of it. */
const JOINED_PARAMETERS = ['disable-copy', 'disable-paste'];

/** What others need to know of a connection to join it, by the id that guacd has for it. */
export function connectionOf(grant: TunnelGrant, id: string): GuacdConnection {
  const { guacd, protocol } = grant;
  const joined = Object.entries(grant.parameters).filter(([name]) =>
    JOINED_PARAMETERS.includes(name),
  );
  return { id, guacd, protocol, parameters: Object.fromEntries(joined) };
}
