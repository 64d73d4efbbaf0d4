import { ConsoleBearer } from '../auth/console-bearer.ts';
import { startCloseCalls } from '../close-calls/start-close-calls.ts';
import { ConsoleConnector } from '../consoles/console-connector.ts';
import { ConsoleEvents } from '../consoles/console-events.ts';
import { ConsoleService } from '../consoles/console-service.ts';
import {
  ConsoleSharing,
  PASSPHRASE_TRIES,
  PASSPHRASE_WINDOW_MS,
  SHARES_MADE,
  SHARES_WINDOW_MS,
} from '../consoles/console-sharing.ts';
import { ConsoleStore } from '../consoles/console-store.ts';
import { EndpointLeases } from '../consoles/endpoint-leases.ts';
import { repeat } from '../platform/repeat.ts';
import { TryLimit } from '../platform/try-limit.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import { ConnectionTokens } from '../tunnel/connection-token.ts';
import type { Base } from './base.ts';

const SWEEP_MS = 500;

/** The life of consoles, from opening to the call that tells of their end. */
export function startConsoles(base: Base, registry: ProviderRegistry) {
  const { config, log, started, redis, now, audit, keys, guacds } = base;
  const events = new ConsoleEvents(redis);
  events.start();
  const { closeUrls, effectsOf } = startCloseCalls(config.closeUrls, { redis, log, now, started });
  const consoles = new ConsoleService({
    ...{ effectsOf, events, audit, log, now },
    store: new ConsoleStore(redis),
    limits: config.consoles,
  });
  const leases = new EndpointLeases(config.consoles.grace * 1000, now);
  const tokens = new ConnectionTokens(keys.derive('connection token'));
  const connector = new ConsoleConnector({
    ...{ consoles, leases, log, now },
    tokenTtl: config.consoles.tokenTtl,
    askCredentials: config.consoles.askCredentials,
    findMachine: (id) => registry.get(id),
    guacdOf: (location) => guacds.pick(location),
    issueToken: (grant, expiresAt, at) => tokens.issue(grant, expiresAt, at),
  });
  const tries = new TryLimit(redis, {
    name: 'passphrase',
    tries: PASSPHRASE_TRIES,
    windowMs: PASSPHRASE_WINDOW_MS,
  });
  const made = new TryLimit(redis, {
    name: 'shares',
    tries: SHARES_MADE,
    windowMs: SHARES_WINDOW_MS,
  });
  started.defer(
    'sweep',
    repeat(SWEEP_MS, () => consoles.sweep()),
  );
  return {
    ...{ consoles, connector, events, leases, tokens, closeUrls },
    bearers: new ConsoleBearer(keys.derive('console bearer'), now),
    sharing: new ConsoleSharing({ consoles, tries, made, now }),
  };
}

export type Consoles = ReturnType<typeof startConsoles>;
