import { HOLDER, type StatusCode } from '../contract/index.ts';
import type { GuacdConnection } from './tunnel-port.ts';

/** A link for somebody else. Times are milliseconds since the epoch. No secret is in clear. */
export interface Share {
  readonly id: string;
  /** sha256 of its key, hex. */
  readonly keyHash: string;
  /** argon2id, PHC string format; null where none is asked for. */
  readonly passphraseHash: string | null;
  readonly readOnly: boolean;
  readonly label: string | null;
  readonly createdAt: number;
  /** Null: it works for as long as the console does. */
  readonly expiresAt: number | null;
  readonly ended: 'expired' | 'revoked' | null;
}

/** Somebody who redeemed a share's key, by the browser that did. */
export interface Viewer {
  readonly id: string;
  readonly share: string;
  readonly name: string;
  readonly browser: string;
  readonly since: number;
  /** Tunnels that are open now. */
  readonly tunnels: readonly string[];
  /** Since when none is open; of no meaning while one is. */
  readonly leftAt: number;
}

/** One of guacd's running connections, and whose tunnels are in it. */
export interface RunningConnection extends GuacdConnection {
  readonly tunnels: readonly string[];
}

/** Who else is at a console, and who may type. */
export interface Sharing {
  readonly shares: readonly Share[];
  readonly viewers: readonly Viewer[];
  /** `holder` or a viewer's id. */
  readonly control: string;
  /** In the order in which they were first seen. */
  readonly connections: readonly RunningConnection[];
}

export const UNSHARED: Sharing = { shares: [], viewers: [], control: HOLDER, connections: [] };

export const MAX_SHARES = 20;
export const MAX_VIEWERS = 20;
/** Milliseconds for which control waits for a viewer who has left. */
const CONTROL_WAITS_MS = 10_000;
/** A viewer who has been away for so long makes place for another one. Milliseconds. */
const PLACE_KEPT_MS = 300_000;
/** The same for one who has never looked. Milliseconds. */
const PLACE_OFFERED_MS = 30_000;

/** When its own time is over; Infinity for one that only ends with the console. */
export function ownEndOf({ expiresAt }: Share): number {
  return expiresAt ?? Infinity;
}

/** The row that says why this share opens nothing any more; null while it does. */
export function endOfShare(share: Share | undefined, now: number): StatusCode | null {
  if (!share || share.ended === 'revoked') return 'share_revoked';
  return share.ended === 'expired' || ownEndOf(share) <= now ? 'share_expired' : null;
}

export function shareOf(sharing: Sharing, viewer: Viewer): Share | undefined {
  return sharing.shares.find(({ id }) => id === viewer.share);
}

/** Those whose shares work. */
export function liveViewers(sharing: Sharing): Viewer[] {
  return sharing.viewers.filter((viewer) => shareOf(sharing, viewer)?.ended === null);
}

export function liveShares(sharing: Sharing): Share[] {
  return sharing.shares.filter(({ ended }) => ended === null);
}

/** Whether there is a place for one more viewer. */
export function hasPlace(sharing: Sharing, now: number): boolean {
  return liveViewers(sharing).filter((viewer) => keepsPlace(viewer, now)).length < MAX_VIEWERS;
}

/** Somebody who is there, or was there lately. */
export function keepsPlace({ tunnels, since, leftAt }: Viewer, now: number): boolean {
  const kept = leftAt === since ? PLACE_OFFERED_MS : PLACE_KEPT_MS;
  return tunnels.length > 0 || now - leftAt < kept;
}

/** Whether they may have the keyboard and mouse at all. */
export function mayControl(sharing: Sharing, id: string): boolean {
  const viewer = liveViewers(sharing).find((one) => one.id === id);
  return viewer !== undefined && shareOf(sharing, viewer)?.readOnly === false;
}

/** The next moment at which something is due by itself; Infinity for never. */
export function sharingDueAt(sharing: Sharing): number {
  const ends = liveShares(sharing).map(ownEndOf);
  return Math.min(controlBackAt(sharing), ...ends);
}

/** When control goes back to the holder because the viewer who has it is away. */
export function controlBackAt(sharing: Sharing): number {
  const viewer = sharing.viewers.find(({ id }) => id === sharing.control);
  return viewer && viewer.tunnels.length === 0 ? viewer.leftAt + CONTROL_WAITS_MS : Infinity;
}
