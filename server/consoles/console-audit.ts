import type { Actor } from '../audit/actor.ts';
import { type AuditAction, type AuditEntry, HOLDER } from '../contract/index.ts';
import type { ConsoleChange, ConsoleRecord } from './console.ts';
import type { Share, Viewer } from './sharing.ts';

/** What the opening of a console leaves in the audit trail. */
export function entryOfOpening(record: ConsoleRecord, by: Actor): AuditEntry {
  const { kind, readOnly, user, purpose, approval } = record;
  const parts = [
    kind,
    readOnly && 'read-only',
    user !== by.who && `for ${user}`,
    approval && 'to be approved',
    purpose && `purpose: ${purpose}`,
  ];
  return entry('open', record, by, parts.filter(Boolean).join(', '));
}

/**
 * What a change of a console leaves in the audit trail; null for what changed nothing, and for what
 * the gateway alone needs to know. However a console closes, it is one `close`.
 */
export function entryOfChange(
  before: ConsoleRecord,
  after: ConsoleRecord,
  event: ConsoleChange,
  by: Actor,
): AuditEntry | null {
  if (after === before) return null;
  if (after.state === 'closed') {
    const { reason, fault } = after;
    const told = reason === 'failed' || event.type === 'refused';
    const why = told && fault ? `: ${fault.message}` : '';
    return entry('close', after, by, `${reason}${why}`);
  }
  switch (event.type) {
    case 'approved':
      return entry('approve', after, by, after.purpose);
    case 'redeemed':
      return entry('redeem', after, by, null);
    case 'joined':
      return entry(
        'redeem',
        after,
        by,
        `viewer ${event.viewer.name}, ${shareName(after, event.viewer.share)}`,
      );
    case 'shared':
      return entry('share', after, by, sharedLink(event.share));
    case 'revoked':
      return entry('share', after, by, `revoked: ${shareName(after, event.share)}`);
    case 'control':
      return entry('control', after, by, `to ${participantName(after, event.to)}`);
    case 'viewer-opened':
      return by.via === 'gateway'
        ? null
        : entry('connect', after, by, `${after.kind}, as a viewer`);
    case 'tunnel-opened':
      // What a replica writes again after it had counted as dead is no new connection.
      return by.via === 'gateway' ? null : entry('connect', after, by, after.kind);
    case 'extended':
      return entry('extend', after, by, `until ${new Date(after.expiresAt).toISOString()}`);
    case 'refused':
    case 'resolved':
    case 'faulted':
    case 'pictured':
    case 'tunnel-closed':
    case 'tunnels-lost':
    case 'used':
    case 'due':
    case 'viewer-closed':
    case 'forgotten':
    case 'closed':
      return null;
  }
}

/** Who holds a console and has not said who they are counts as the user that it was opened for. */
function entry(
  action: AuditAction,
  { id, machine, user }: ConsoleRecord,
  { who, via, from }: Actor,
  detail: string | null,
): AuditEntry {
  const name = who ?? (via === 'console' ? user : null);
  return { action, who: name, via, from, machine, console: id, result: 'ok', detail };
}

function sharedLink(share: Share): string {
  const { readOnly, expiresAt, label, passphraseHash } = share;
  const parts = [
    readOnly ? 'view-only' : 'with control',
    expiresAt === null ? 'until the console ends' : `until ${new Date(expiresAt).toISOString()}`,
    passphraseHash !== null && 'with a passphrase',
    `link ${label ?? share.id}`,
  ];
  return parts.filter(Boolean).join(', ');
}

function shareName({ sharing }: ConsoleRecord, id: string): string {
  return `link ${sharing.shares.find((share) => share.id === id)?.label ?? id}`;
}

function participantName({ sharing }: ConsoleRecord, id: string): string {
  return id === HOLDER ? 'the holder' : `viewer ${viewerName(sharing.viewers, id)}`;
}

function viewerName(viewers: readonly Viewer[], id: string): string {
  return viewers.find((viewer) => viewer.id === id)?.name ?? id;
}
