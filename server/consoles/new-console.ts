import type { Approvers, DisplaySize } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import { randomId } from '../platform/random-id.ts';
import type { Machine } from '../providers/provider.ts';
import type { ConsoleRecord } from './console.ts';
import { hashOfKey, newLaunchKey } from './launch-key.ts';
import { UNSHARED } from './sharing.ts';

export interface ConsoleLimits {
  /** Seconds. */
  readonly ttl: number;
  readonly maxTtl: number;
  readonly extendStep: number;
  /** For which a console waits for its approval. */
  readonly approvalTtl: number;
  /** Open consoles that a customer may have opened by themselves; 0 is any number. */
  readonly perCustomer: number;
}

export interface OpenConsole {
  readonly machine: Omit<Machine, 'provider'>;
  readonly kind?: ConsoleRecord['kind'] | undefined;
  readonly readOnly: boolean;
  readonly user: string;
  /** Who asks for it: the user, or whoever acts for them. */
  readonly openedBy: string;
  /** The sign-in in which they ask; absent for whoever is not signed in. */
  readonly signIn?: string | undefined;
  /** Whether `perCustomer` counts for them. */
  readonly limited?: boolean | undefined;
  readonly purpose: string | null;
  /** Who may approve it; null where nobody has to. */
  readonly approvers: readonly Approvers[] | null;
  readonly may: ConsoleRecord['may'];
  /** Seconds. */
  readonly ttl?: number | undefined;
  readonly display?: DisplaySize | undefined;
  readonly closeUrl?: string | undefined;
}

/** The only place where the launch key is in clear. */
export interface OpenedConsole {
  readonly record: ConsoleRecord;
  readonly launchKey: string;
}

/**
 * A console as it begins, with its key. `now` in milliseconds since the epoch.
 *
 * @throws GatewayError `console_kind_unavailable`, `invalid_request`
 */
export function newConsole(
  request: OpenConsole,
  limits: ConsoleLimits,
  now: number,
): OpenedConsole {
  const { machine } = request;
  const kind = request.kind ?? machine.consoles[0];
  if (!kind || !machine.consoles.includes(kind)) {
    throw new GatewayError('console_kind_unavailable', withoutConsole(machine, request.kind));
  }
  const ttl = request.ttl ?? limits.ttl;
  if (ttl > limits.maxTtl) {
    throw new GatewayError('invalid_request', `ttl is at most ${limits.maxTtl} seconds`, {
      errors: [{ path: 'ttl', message: `expected at most ${limits.maxTtl}` }],
    });
  }
  const { approvers } = request;
  const wait = approvers ? limits.approvalTtl : 0;
  const launchKey = newLaunchKey();
  const record: ConsoleRecord = {
    id: randomId(16),
    machine: machine.id,
    machineName: machine.name,
    kind,
    readOnly: request.readOnly,
    user: request.user,
    openedBy: request.openedBy,
    signIn: request.signIn ?? null,
    purpose: request.purpose,
    approval: approvers && { state: 'pending', by: null, approvers, ttl: ttl * 1000 },
    may: request.may,
    owner: machine.owner,
    display: request.display ?? null,
    closeUrl: request.closeUrl ?? null,
    createdAt: now,
    expiresAt: now + (wait || ttl) * 1000,
    extendableUntil: now + (wait + limits.maxTtl) * 1000,
    launchKeyHash: hashOfKey(launchKey),
    browser: null,
    state: 'starting',
    reason: null,
    fault: null,
    idleAt: null,
    tunnels: [],
    sharing: UNSHARED,
    revision: 0,
  };
  return { record, launchKey };
}

/** Why there is none, and what there is in its place. */
function withoutConsole(
  { id, consoles, state, file }: OpenConsole['machine'],
  kind: OpenConsole['kind'],
): string {
  const which = kind === undefined ? 'no console that can be shown here' : `no ${kind} console`;
  if (consoles.length > 0) return `${id} has ${which}, it has: ${consoles.join(', ')}`;
  const native = file === true ? 'a file for a native client opens its screen' : undefined;
  return `${id} has ${which}: ${state ?? native ?? 'it has none at all'}`;
}
