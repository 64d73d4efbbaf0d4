import { availableParallelism } from 'node:os';
import { TunnelEvents } from '../consoles/tunnel-events.ts';
import { repeat } from '../platform/repeat.ts';
import { TunnelServer } from '../tunnel/tunnel-server.ts';
import { TunnelWorkers } from '../tunnel/workers/tunnel-workers.ts';
import type { Base } from './base.ts';
import type { Consoles } from './consoles.ts';
import type { TunnelDoor } from '../tunnel/upgrade.ts';
import type { Door } from './door.ts';

/** How often a replica shows that it lives, and looks for tunnels of those that do not. */
const PRESENCE_MS = 3000;

/** This replica's tunnels, which follow what happens to consoles on any. */
export async function startTunnels(
  { config, log, started, replicas, now, audit, singleUse, metrics, allProcesses }: Base,
  { origins, addressOf }: Door,
  { consoles, leases, events, tokens }: Consoles,
  door: TunnelDoor | null,
): Promise<TunnelServer> {
  const listener = new TunnelEvents({
    ...{ consoles, leases, log, audit, now },
    replica: replicas.id,
    idleMs: config.consoles.idle * 1000,
  });
  const count = config.workers === 'auto' ? availableParallelism() : config.workers;
  const carrier = count > 1 ? await TunnelWorkers.start({ count, listener, log, now }) : null;
  if (carrier) allProcesses.include(() => carrier.counts());
  const tunnels = new TunnelServer({
    ...{ tokens, singleUse, origins, addressOf, door, listener, carrier, metrics, log, now },
  });
  listener.connect(events, tunnels);
  started.defer('endpoints', () => leases.releaseAll());
  started.defer('tunnel events', () => listener.stop());
  started.defer('tunnels', () => tunnels.close());
  started.defer(
    'presence',
    repeat(PRESENCE_MS, async () => {
      if (!(await replicas.show())) listener.assert();
      await consoles.dropTunnels(replicas);
    }),
  );
  return tunnels;
}
