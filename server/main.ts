import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createApp } from './api/app.ts';
import { PIN_TRIES, PIN_WINDOW_MS } from './api/eq-router.ts';
import { healthRouter } from './api/health-router.ts';
import { Opening } from './api/opening.ts';
import { answerPlainly, isWebSocketUpgrade } from './api/plain-request.ts';
import { unreadable } from './api/problems.ts';
import { TokenLinks } from './auth/token-links.ts';
import { startBase } from './composition/base.ts';
import { clientDir } from './composition/client-dir.ts';
import { startConsoles } from './composition/consoles.ts';
import { openDoor } from './composition/door.ts';
import { fireEdgeDoor } from './composition/fireedge.ts';
import { imageLinksOf } from './composition/images.ts';
import { machineLookup } from './composition/lookup.ts';
import { exposeMetrics } from './composition/metrics.ts';
import { composePeople } from './composition/people.ts';
import { startProviders } from './composition/providers.ts';
import { startTunnels } from './composition/tunnels.ts';
import type { Config } from './config.ts';
import type { Logger } from './log.ts';
import { Disposer } from './platform/disposer.ts';
import { TryLimit } from './platform/try-limit.ts';
import { refuse } from './tunnel/upgrade-request.ts';

export interface Gateway {
  /** Where browsers reach it. Without a trailing slash. */
  readonly url: string;
  /** Drains and ends everything that was started. Idempotent. */
  stop(): Promise<void>;
}

/**
 * The composition root: config → adapters → app → listen. Nothing but it and the files of
 * `composition`, which are its parts, constructs adapters.
 *
 * @throws Error when a part of our own does not start or the address cannot be listened on.
 */
export async function startGateway(config: Config, log: Logger): Promise<Gateway> {
  const started = new Disposer(log);
  try {
    return await compose(config, log, started);
  } catch (error) {
    await started.dispose();
    throw error;
  }
}

async function compose(config: Config, log: Logger, started: Disposer): Promise<Gateway> {
  const base = await startBase(config, log, started);
  const door = await openDoor(base);
  const { registry, inventory } = await startProviders(base);
  const consoles = startConsoles(base, registry);
  const people = composePeople(base, door, consoles);
  const opening = new Opening({ ...people, ...consoles });
  const lookup = machineLookup(base, { registry, inventory, policy: people.policy });
  let draining = false;
  const metricsRouter = await exposeMetrics(base, consoles, () => draining);
  const tunnels = await startTunnels(base, door, consoles, fireEdgeDoor(base, opening));

  started.defer('drain', async () => {
    draining = true;
    tunnels.drain();
    await pause(config.listen.drain * 1000);
  });
  const app = createApp({
    ...{ ...base, ...door, ...consoles, ...people, registry, inventory, lookup, opening },
    hostkey: config.hostkey,
    pinTries: new TryLimit(base.redis, { name: 'pin', tries: PIN_TRIES, windowMs: PIN_WINDOW_MS }),
    imageLinks: imageLinksOf(base, door),
    customerUrls: config.images.customerUrls,
    tokenLinks: new TokenLinks(base.redis, (token) => registry.findLinked(token)),
    trustedProxies: config.listen.trustedProxies,
    portals: config.embedding.origins,
    clientDir: clientDir(),
    health: healthRouter({ ...base, tunnels, draining: () => draining }),
    metricsRouter,
  });
  door.answerBy(app);
  door.server.on('upgrade', (request, socket, head) => {
    if (isWebSocketUpgrade(request)) tunnels.handleUpgrade(request, socket, head);
    else answerPlainly(app, request, socket, head);
  });
  door.server.on('clientError', (error, socket) => refuse(socket, unreadable(error)));

  const { address, port } = door.server.address() as AddressInfo;
  const providers = config.providers.map(({ id }) => id);
  const settings = { address: `${address}:${port}`, locations: base.locations, providers };
  log.info({ url: door.publicUrl, ...settings }, 'listening');
  if (providers.length === 0)
    log.warn('no providers are configured: there are no machines to open');
  return { url: door.publicUrl, stop: () => started.dispose() };
}
