import type { Actor } from '../audit/actor.ts';
import { type AuditAction, type AuditEntry, HOLDER } from '../contract/index.ts';
import type { ConsoleChange, ConsoleRecord } from './console.ts';
import type { Share, Viewer } from './sharing.ts';

/** What the opening of a console leaves in the audit trail. */
export function entryOfOpening(record: ConsoleRecord, by: Actor): AuditEntry {
  const { kind, readOnly, user, openedBy, purpose, approval } = record;
  const parts = [
    kind,
    readOnly && 'read-only',
    user !== by.who && `for ${user}`,
    by.via === 'launch' && openedBy !== by.who && `by a link of ${openedBy}`,
    approval && 'to be approved',
    purpose && `purpose: ${purpose}`,
  ];
  return entry('open', record, by, parts.filter(Boolean).join(', '));
}

/**
 * What a change of a console leaves in the audit trail: nothing where it changed nothing, or what the
 * gateway alone needs to know. However a console closes, it is one `close`; who refuses an approval has
 * decided, too.
 */
export function entriesOfChange(
  before: ConsoleRecord,
  after: ConsoleRecord,
  event: ConsoleChange,
  by: Actor,
): AuditEntry[] {
  if (after === before) return [];
  if (after.state !== 'closed') return [entryOf(before, after, event, by) ?? []].flat();
  const { reason, fault } = after;
  const refused = event.type === 'refused';
  const why = (refused || reason === 'failed') && fault ? `: ${fault.message}` : '';
  const close = entry('close', after, by, `${reason}${why}`);
  if (!refused) return [close];
  const { code, message } = event.fault;
  return [{ ...entry('approve', after, by, message), result: code }, close];
}

/** What a change of a console that stays open leaves. */
function entryOf(
  before: ConsoleRecord,
  after: ConsoleRecord,
  event: ConsoleChange,
  by: Actor,
): AuditEntry | null {
  switch (event.type) {
    case 'approved':
      return entry('approve', after, by, after.purpose);
    case 'redeemed':
      return entry('redeem', after, by, null);
    case 'joined':
      // Who is there already may come again, and call themselves otherwise.
      if (before.sharing.viewers.some(({ id }) => id === event.viewer.id)) return null;
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
    case 'pictured':
      // What a replica writes again after it had counted as dead is no new connection.
      return by.via === 'gateway' ? null : entry('connect', after, by, after.kind);
    case 'extended':
      return entry('extend', after, by, `until ${new Date(after.expiresAt).toISOString()}`);
    case 'refused':
    case 'resolved':
    case 'faulted':
    case 'tunnel-opened':
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

/** A machine was switched from its console. */
export function entryOfSwitch(record: ConsoleRecord, by: Actor, detail: string): AuditEntry {
  return entry('power', record, by, detail);
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
