import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import proxyAddr from 'proxy-addr';
import { Access } from './api/access.ts';
import { createApp } from './api/app.ts';
import { Opening } from './api/opening.ts';
import { PIN_TRIES, PIN_WINDOW_MS } from './api/eq-router.ts';
import { healthRouter } from './api/health-router.ts';
import { answerPlainly, isWebSocketUpgrade } from './api/plain-request.ts';
import { unreadable } from './api/problems.ts';
import { sessionMiddleware } from './api/session.ts';
import { startAudit } from './audit/start-audit.ts';
import { Accounts } from './auth/accounts.ts';
import { ApiTokenStore } from './auth/api-token-store.ts';
import { ApiTokens } from './auth/api-tokens.ts';
import { ConsoleBearer } from './auth/console-bearer.ts';
import { KeyRing, ownKey } from './auth/key-ring.ts';
import { LaunchLinks } from './auth/launch-links.ts';
import { Policy } from './auth/policy.ts';
import { identitySources } from './auth/remote/sources.ts';
import { startCloseCalls } from './close-calls/start-close-calls.ts';
import type { Config } from './config.ts';
import { ConsoleConnector } from './consoles/console-connector.ts';
import { ConsoleEvents } from './consoles/console-events.ts';
import { ConsoleService } from './consoles/console-service.ts';
import {
  ConsoleSharing,
  PASSPHRASE_TRIES,
  PASSPHRASE_WINDOW_MS,
} from './consoles/console-sharing.ts';
import { ConsoleStore } from './consoles/console-store.ts';
import { EndpointLeases } from './consoles/endpoint-leases.ts';
import { TunnelEvents } from './consoles/tunnel-events.ts';
import { identity } from './identity.ts';
import type { Logger } from './log.ts';
import { Disposer } from './platform/disposer.ts';
import { GuacdDirectory } from './platform/guacd-directory.ts';
import { startOwnParts } from './platform/own-parts.ts';
import { Redis } from './platform/redis.ts';
import { repeat } from './platform/repeat.ts';
import { Replicas } from './platform/replicas.ts';
import { startSharedClock } from './platform/start-shared-clock.ts';
import { SingleUse } from './platform/single-use.ts';
import { TryLimit } from './platform/try-limit.ts';
import { ProviderRegistry, createProvider } from './providers/registry.ts';
import { ConnectionTokens } from './tunnel/connection-token.ts';
import { OriginPolicy } from './tunnel/origin-policy.ts';
import { TunnelServer } from './tunnel/tunnel-server.ts';
import { refuse } from './tunnel/upgrade-request.ts';

export interface Gateway {
  /** Where browsers reach it. Without a trailing slash. */
  readonly url: string;
  /** Drains and ends everything that was started. Idempotent. */
  stop(): Promise<void>;
}

/** A gateway begins to serve without its Redis after this long, and says so in /readyz. */
const REDIS_WAIT_MS = 3000;
const SWEEP_MS = 500;
/** How often a replica shows that it lives, and looks for tunnels of those that do not. */
const PRESENCE_MS = 3000;

/**
 * The composition root: config → adapters → app → listen. Nothing else constructs adapters.
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
  const own = await startOwnParts(config, log, started);
  const redis = new Redis(own.redis, log);
  redis.start();
  started.defer('redis client', () => redis.stop());
  const { audit, auditStream } = startAudit(config.audit, { redis, log, started });
  await redis.settled(REDIS_WAIT_MS);
  const { now } = await startSharedClock(redis, log, started);

  const server = createServer();
  const publicUrl = await listen(server, config, started);
  const keys = new KeyRing(config.keys ?? [await ownKey(config.dataDir)]);
  const tokens = new ConnectionTokens(keys.derive('connection token'));
  const bearers = new ConsoleBearer(keys.derive('console bearer'), now);
  const accounts = new Accounts(config.users, config.apiTokens);
  const sources = identitySources({ config, accounts, publicUrl, log, now });
  const policy = new Policy(config.policy);
  const guacds = new GuacdDirectory(own.guacds);
  const defaultLocation = [...own.guacds.keys()][0] ?? 'default';
  const registry = new ProviderRegistry(
    config.providers.map((provider) => createProvider(provider, { defaultLocation })),
    log,
  );

  const events = new ConsoleEvents(redis);
  events.start();
  const leases = new EndpointLeases(config.consoles.grace * 1000);
  const store = new ConsoleStore(redis);
  const { closeUrls, effectsOf } = startCloseCalls(config.closeUrls, { redis, log, now, started });
  const consoles = new ConsoleService({
    store,
    effectsOf,
    events,
    limits: config.consoles,
    audit,
    log,
    now,
  });
  const tries = new TryLimit(redis, {
    name: 'passphrase',
    tries: PASSPHRASE_TRIES,
    windowMs: PASSPHRASE_WINDOW_MS,
  });
  const connector = new ConsoleConnector({
    consoles,
    leases,
    log,
    tokenTtl: config.consoles.tokenTtl,
    findMachine: (id) => registry.get(id),
    guacdOf: (location) => guacds.pick(location),
    issueToken: (grant, expiresAt, at) => tokens.issue(grant, expiresAt, at),
    now,
  });

  const trustsProxy = trustOf(config.listen.trustedProxies);
  const origins = new OriginPolicy({
    publicUrl,
    allowedOrigins: [...config.allowedOrigins, ...otherNames(config, publicUrl)],
    trustedProxies: trustsProxy,
  });
  const replicas = new Replicas(redis);
  const tunnelEvents = new TunnelEvents({
    consoles,
    leases,
    log,
    audit,
    replica: replicas.id,
    idleMs: config.consoles.idle * 1000,
    now,
  });
  const singleUse = new SingleUse(redis);
  const tunnels = new TunnelServer({
    tokens,
    singleUse,
    origins,
    addressOf: (request) => proxyAddr(request, trustsProxy),
    listener: tunnelEvents,
    log,
    now,
  });
  tunnelEvents.connect(events, tunnels);
  started.defer('endpoints', () => leases.releaseAll());
  started.defer('tunnel events', () => tunnelEvents.stop());
  started.defer('tunnels', () => tunnels.close());
  await replicas.show().catch(() => undefined);
  started.defer('replica', () => replicas.stop());
  started.defer(
    'presence',
    repeat(PRESENCE_MS, async () => {
      if (!(await replicas.show())) tunnelEvents.assert();
      await consoles.dropTunnels(replicas);
    }),
  );
  started.defer(
    'sweep',
    repeat(SWEEP_MS, () => consoles.sweep()),
  );

  const apiTokens = new ApiTokens({ store: new ApiTokenStore(redis), accounts, log, now });
  let draining = false;
  const load = sessionMiddleware({
    redis,
    keys: keys.derive('session cookie'),
    secure: publicUrl.startsWith('https:'),
  });
  const people = identity({
    ...{ ...sources, config, redis, keys, accounts, apiTokens, publicUrl },
    load,
    now,
  });
  const { wantsTotp, signedIn, tokenDoor } = people;
  const app = createApp({
    ...sources,
    ...people,
    access: new Access({
      ...{ ...sources, accounts, tokenDoor, bearers, policy, wantsTotp, now },
      session: signedIn.session,
    }),
    singleUse,
    accounts,
    apiTokens,
    policy,
    audit,
    opening: new Opening({ accounts, policy, consoles }),
    auditStream,
    registry,
    consoles,
    sharing: new ConsoleSharing({ consoles, tries, now }),
    connector,
    events,
    bearers,
    now,
    closeUrls,
    hostkey: config.hostkey,
    pinTries: new TryLimit(redis, { name: 'pin', tries: PIN_TRIES, windowMs: PIN_WINDOW_MS }),
    launchLinks: new LaunchLinks({ issuers: config.launch, singleUse, publicUrl, now }),
    origins,
    publicUrl,
    trustedProxies: config.listen.trustedProxies,
    portals: config.embedding.origins,
    clientDir: clientDir(),
    health: healthRouter({ redis, guacds, draining: () => draining }),
    log,
  });
  server.on('request', app);
  server.on('upgrade', (request, socket, head) => {
    if (isWebSocketUpgrade(request)) tunnels.handleUpgrade(request, socket, head);
    else answerPlainly(app, request, socket, head);
  });
  server.on('clientError', (error, socket) => refuse(socket, unreadable(error)));
  started.defer('drain', () => {
    draining = true;
    tunnels.drain();
  });
  const { address, port } = server.address() as AddressInfo;
  const providers = config.providers.map(({ id }) => id);
  const settings = { address: `${address}:${port}`, locations: [...own.guacds.keys()], providers };
  log.info({ url: publicUrl, ...settings }, 'listening');
  if (providers.length === 0)
    log.warn('no providers are configured: there are no machines to open');
  return { url: publicUrl, stop: () => started.dispose() };
}

/** Listens, and says under which URL browsers come: publicUrl, or the address itself. */
async function listen(server: Server, config: Config, started: Disposer): Promise<string> {
  const { host, port } = config.listen;
  server.listen(port, host);
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') throw cause;
    throw new Error(`port ${port} of ${host} is in use: choose another (listen.port, --port)`);
  });
  started.defer('http server', () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port: bound } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return config.publicUrl?.origin ?? `http://${name}:${bound}`;
}

/** Who listens on loopback and names no publicUrl may come by either of its names. */
function otherNames(config: Config, publicUrl: string): string[] {
  const { hostname, port } = new URL(publicUrl);
  return config.publicUrl || hostname !== '127.0.0.1' ? [] : [`http://localhost:${port}`];
}

function trustOf(proxies: readonly string[]): (address: string) => boolean {
  const trust = proxyAddr.compile([...proxies]);
  return (address) => trust(address, 0);
}

/** dist/client, seen from the source tree and from dist alike. */
function clientDir(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const inDist = join(here, '..', 'client');
  return existsSync(join(inDist, 'index.html')) && here.includes('dist')
    ? inDist
    : join(here, '..', 'dist', 'client');
}
