import {
  type CloseReason,
  type ConsoleFault,
  type ConsoleKind,
  type ConsoleState,
  type ConsoleView,
  type DisplaySize,
  STATUS,
  isMendable,
  statusOfClose,
} from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { Approval } from './approval.ts';
import { type SharingChange, type TunnelsChange, changeSharing } from './change-sharing.ts';
import { viewersView } from './sharing-view.ts';
import { type Sharing, liveShares, sharingDueAt } from './sharing.ts';
import type { GuacdConnection, TunnelEnd } from './tunnel-port.ts';

/** A console as it lies in Redis. Times are milliseconds since the epoch. No secret is in clear. */
export interface ConsoleRecord {
  readonly id: string;
  readonly machine: string;
  readonly machineName: string;
  readonly kind: ConsoleKind;
  readonly readOnly: boolean;
  /** For whom it was opened: the name shown, and the customer who may see it. */
  readonly user: string;
  /** Who asked for it: the user, or whoever acted for them. */
  readonly openedBy: string;
  /** The sign-in in which it was opened, by which its user knows it; null for other ways. Not shown. */
  readonly signIn: string | null;
  readonly purpose: string | null;
  /** Null where nobody has to approve it. */
  readonly approval: Approval | null;
  /** What the browser that holds it may do, as the policy had it when it was opened. */
  readonly may: { readonly extend: boolean; readonly share: boolean; readonly power: boolean };
  /** Whose machine it is, where that is known. */
  readonly owner: string | null;
  readonly display: DisplaySize | null;
  /** Is told when the console has closed. Not shown: it may hold what only its host may know. */
  readonly closeUrl: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly extendableUntil: number;
  /** sha256 of the launch key, hex. */
  readonly launchKeyHash: string;
  /** The browser that redeemed the launch key; null before. */
  readonly browser: string | null;
  readonly state: ConsoleState;
  readonly reason: CloseReason | null;
  readonly fault: ConsoleFault | null;
  /** When it closes unless somebody uses it; null while idleness does not count. */
  readonly idleAt: number | null;
  /** The holder's tunnels that are open now; more than one when the page is open in two tabs. */
  readonly tunnels: readonly string[];
  readonly sharing: Sharing;
  /** Grows with each change, so that late news is told from new. */
  readonly revision: number;
}

export type ConsoleChange =
  | {
      readonly type: 'approved';
      readonly by: string;
      readonly expiresAt: number;
      readonly extendableUntil: number;
    }
  | { readonly type: 'refused'; readonly by: string; readonly fault: ConsoleFault }
  | { readonly type: 'redeemed'; readonly browser: string }
  | { readonly type: 'resolved' }
  | { readonly type: 'faulted'; readonly fault: ConsoleFault }
  | { readonly type: 'tunnel-opened'; readonly tunnel: string }
  | {
      readonly type: 'pictured';
      readonly tunnel: string;
      readonly connection: GuacdConnection;
      /** Whoever sees the picture has used the console; absent: it does not count. */
      readonly idleAt?: number;
    }
  | {
      readonly type: 'tunnel-closed';
      readonly tunnel: string;
      readonly end: TunnelEnd;
      readonly now: number;
    }
  | { readonly type: 'tunnels-lost'; readonly tunnels: readonly string[]; readonly now: number }
  | { readonly type: 'used'; readonly idleAt: number }
  | { readonly type: 'due'; readonly now: number }
  | { readonly type: 'extended'; readonly expiresAt: number }
  | { readonly type: 'closed'; readonly reason: CloseReason }
  | SharingChange;

/**
 * What a console becomes when something happens to it. Pure; the same record comes back when
 * nothing changes. `closed` is final.
 */
export function change(record: ConsoleRecord, event: ConsoleChange): ConsoleRecord {
  if (record.state === 'closed') return record;
  switch (event.type) {
    case 'approved':
      return approve(record, event);
    case 'refused':
      return refuse(record, event);
    case 'redeemed':
      return record.browser === event.browser ? record : { ...record, browser: event.browser };
    case 'resolved':
      return record.state === 'starting' ? { ...record, state: 'ready', fault: null } : record;
    case 'faulted':
      return afterFault(record, event.fault);
    case 'tunnel-opened':
      return record.tunnels.includes(event.tunnel)
        ? record
        : { ...record, tunnels: [...record.tunnels, event.tunnel] };
    case 'pictured': {
      const { idleAt = record.idleAt } = event;
      return { ...withSharing(record, event), state: 'connected', fault: null, idleAt };
    }
    case 'tunnel-closed':
      return afterTunnel(withSharing(record, event), event.tunnel, event.end);
    case 'tunnels-lost':
      return without(withSharing(record, event), event.tunnels);
    case 'used':
      return { ...record, idleAt: event.idleAt };
    case 'due':
      return record.idleAt !== null && record.idleAt <= event.now
        ? close(record, 'idle', record.fault)
        : withSharing(record, event);
    case 'extended':
      return { ...record, expiresAt: event.expiresAt };
    case 'closed':
      return close(record, event.reason, record.fault);
    case 'shared':
    case 'revoked':
    case 'joined':
    case 'viewer-opened':
    case 'viewer-closed':
    case 'control':
    case 'forgotten':
      return withSharing(record, event);
  }
}

function withSharing(record: ConsoleRecord, event: SharingChange | TunnelsChange): ConsoleRecord {
  const sharing = changeSharing(record.sharing, event);
  return sharing === record.sharing ? record : { ...record, sharing };
}

function close(
  record: ConsoleRecord,
  reason: CloseReason,
  fault: ConsoleFault | null,
): ConsoleRecord {
  const alone = withSharing(record, { type: 'closed' });
  return { ...alone, state: 'closed', reason, fault, tunnels: [] };
}

/** The first approval counts; the console's time begins with it. */
function approve(
  record: ConsoleRecord,
  { by, expiresAt, extendableUntil }: Extract<ConsoleChange, { type: 'approved' }>,
): ConsoleRecord {
  if (record.approval?.state !== 'pending') return record;
  const approval = { ...record.approval, state: 'granted', by } as const;
  return { ...record, approval, expiresAt, extendableUntil };
}

function refuse(
  record: ConsoleRecord,
  { by, fault }: Extract<ConsoleChange, { type: 'refused' }>,
): ConsoleRecord {
  if (record.approval?.state !== 'pending') return record;
  const approval = { ...record.approval, state: 'refused', by } as const;
  return close({ ...record, approval }, 'killed', fault);
}

/** A fault that neither trying again nor a person can mend ends the console. */
function afterFault(record: ConsoleRecord, fault: ConsoleFault): ConsoleRecord {
  const stays = STATUS[fault.code].retry || isMendable(fault.code);
  return stays ? { ...record, fault } : close(record, 'failed', fault);
}

const REASON_OF_END: Partial<Record<TunnelEnd['status'], CloseReason>> = {
  console_expired: 'expired',
  console_idle: 'idle',
  console_ended: 'ended',
  console_killed: 'killed',
  console_failed: 'failed',
};

function afterTunnel(record: ConsoleRecord, tunnel: string, end: TunnelEnd): ConsoleRecord {
  const reason = REASON_OF_END[end.status];
  if (reason) return close(record, reason, record.fault);
  const left = without(record, [tunnel]);
  const ours = end.status === 'client_left' || end.status === 'shutting_down';
  if (ours || (end.vague && left.fault)) return left;
  return afterFault(left, { code: end.status, message: end.message });
}

/** Without its last tunnel a connected console is detached. */
function without(record: ConsoleRecord, gone: readonly string[]): ConsoleRecord {
  const tunnels = record.tunnels.filter((open) => !gone.includes(open));
  if (tunnels.length === record.tunnels.length) return record;
  const left = tunnels.length === 0 && record.state === 'connected';
  return { ...record, tunnels, state: left ? 'detached' : record.state };
}

/** The next moment at which something is due by itself: its expiry, its idleness, a share's end. */
export function dueAt({ state, expiresAt, idleAt, sharing }: ConsoleRecord): number {
  return state === 'closed'
    ? expiresAt
    : Math.min(expiresAt, idleAt ?? expiresAt, sharingDueAt(sharing));
}

/** @throws GatewayError with the row of its close reason when the console is closed or over. */
export function assertOpen(record: ConsoleRecord, now: number): void {
  const reason = record.reason ?? (now >= record.expiresAt ? 'expired' : null);
  if (reason) {
    throw new GatewayError(statusOfClose(reason), record.fault?.message ?? SENTENCE[reason]);
  }
}

export const SENTENCE: Readonly<Record<CloseReason, string>> = {
  expired: 'the time of this console is over',
  idle: 'this console was closed because nobody used it',
  ended: 'this console has ended',
  killed: 'this console was closed from outside',
  failed: 'this console could not be shown',
};

/** The record as the API shows it. */
export function viewOf(record: ConsoleRecord): ConsoleView {
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    id: record.id,
    machine: record.machine,
    machineName: record.machineName,
    kind: record.kind,
    readOnly: record.readOnly,
    user: record.user,
    openedBy: record.openedBy,
    purpose: record.purpose,
    approval: record.approval?.state ?? null,
    approvedBy: record.approval?.state === 'granted' ? record.approval.by : null,
    may: record.may,
    state: record.state,
    reason: record.reason,
    error: record.fault,
    createdAt: time(record.createdAt),
    expiresAt: time(record.expiresAt),
    extendableUntil: time(record.extendableUntil),
    idleAt: record.idleAt === null ? null : time(record.idleAt),
    viewers: viewersView(record.sharing),
    control: record.sharing.control,
    shares: record.state === 'closed' ? 0 : liveShares(record.sharing).length,
  };
}
