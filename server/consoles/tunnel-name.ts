/** A tunnel as a record names it: with the replica that carries it. */
export function tunnelName(replica: string, tunnelId: string): string {
  return `${replica}:${tunnelId}`;
}

/** The replicas of these tunnels, as a record names them, and each one's tunnels. */
export function replicasOf(tunnels: readonly string[]): Map<string, string[]> {
  const replicas = new Map<string, string[]>();
  for (const tunnel of tunnels) {
    const replica = tunnel.slice(0, tunnel.indexOf(':'));
    replicas.set(replica, [...(replicas.get(replica) ?? []), tunnel]);
  }
  return replicas;
}

/** The tunnel's own id. */
export function tunnelIdOf(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
