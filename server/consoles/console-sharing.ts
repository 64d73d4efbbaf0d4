import { createHash, randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { Actor } from '../audit/actor.ts';
import { HOLDER, NAMELESS, type RedeemRequest, type ShareRequest } from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import { randomId } from '../platform/random-id.ts';
import { assertApproved } from './approval.ts';
import type { Binding } from './binding.ts';
import type { ConsoleService } from './console-service.ts';
import { type ConsoleRecord, assertOpen } from './console.ts';
import {
  MAX_SHARES,
  MAX_VIEWERS,
  type Share,
  type Viewer,
  endOfShare,
  hasPlace,
  liveShares,
  mayControl,
  shareOf,
} from './sharing.ts';

/** Wrong passphrases that a share takes in this time. */
export const PASSPHRASE_TRIES = 5;
export const PASSPHRASE_WINDOW_MS = 900_000;

/** Links that a console may have in all in this time, those that were revoked with them. */
export const SHARES_MADE = 100;
export const SHARES_WINDOW_MS = 3_600_000;

export interface ConsoleSharingParts {
  readonly consoles: ConsoleService;
  /** Of wrong passphrases, by share. */
  readonly tries: {
    take(id: string, what: string): Promise<void>;
    giveBack(id: string): Promise<void>;
  };
  /** Of links, by console. */
  readonly made: { take(id: string, what: string): Promise<void> };
  readonly now: () => number;
}

/** Links to a running console for others: made, redeemed, revoked; and who may type. */
export class ConsoleSharing {
  readonly #parts: ConsoleSharingParts;

  constructor(parts: ConsoleSharingParts) {
    this.#parts = parts;
  }

  /**
   * A new link; its key is handed out here alone.
   *
   * @throws GatewayError `forbidden` for more than the console itself allows, `share_limit`,
   * `rate_limited`, or the console's close reason.
   */
  async share(
    id: string,
    request: ShareRequest,
    by: Actor,
  ): Promise<{ share: Share; key: string }> {
    const { consoles, now } = this.#parts;
    const { passphrase, readOnly, label = null, ttl } = request;
    assertSharable(await consoles.get(id), request, now());
    await this.#parts.made.take(id, 'too many shared links of this console in one hour');
    const key = randomBytes(32).toString('base64url');
    const passphraseHash = passphrase === undefined ? null : await hash(passphrase);
    const createdAt = now();
    const share = (record: ConsoleRecord): Share => ({
      id: randomId(12),
      keyHash: sha256(key),
      passphraseHash,
      readOnly,
      label,
      createdAt,
      expiresAt:
        ttl === undefined ? null : Math.min(createdAt + ttl * 1000, record.extendableUntil),
      ended: null,
    });
    const { sharing } = await consoles.decide(id, by, (record) => {
      assertSharable(record, request, createdAt);
      return { type: 'shared', share: share(record) };
    });
    const made = sharing.shares.find(({ keyHash }) => keyHash === sha256(key));
    if (!made) throw new Error('a share that was written is not there');
    return { share: made, key };
  }

  /** @throws GatewayError `not_found`. One that is over already stays as it is. */
  async revoke(id: string, shareId: string, by: Actor): Promise<void> {
    await this.#parts.consoles.decide(id, by, ({ sharing }) => {
      if (!sharing.shares.some((share) => share.id === shareId)) {
        throw new GatewayError('not_found', 'this console has no such shared link');
      }
      return { type: 'revoked', share: shareId };
    });
  }

  /**
   * What a share's key opens for this browser; undefined when the key is none of a share's. The same
   * browser stays the same viewer, and is not asked for the passphrase again.
   *
   * @throws GatewayError `share_expired`, `share_revoked`, `passphrase_required`,
   * `passphrase_wrong`, `rate_limited`, `viewer_limit`, or the console's close reason.
   */
  async redeem(
    id: string,
    { key, passphrase, name }: RedeemRequest,
    { brought, fresh: browser }: Binding,
    by: Actor,
  ): Promise<{ record: ConsoleRecord; viewer: Viewer | null } | undefined> {
    const { consoles, now } = this.#parts;
    const before = await consoles.get(id);
    const share = before.sharing.shares.find(({ keyHash }) => keyHash === sha256(key));
    if (!share) return undefined;
    assertOpen(before, now());
    assertWorks(share, now());
    // Whoever holds the console is no viewer of it, by whichever link they come.
    if (before.browser !== null && brought.includes(before.browser))
      return { record: before, viewer: null };
    const known = knownViewer(before, share, brought);
    if (!known) await this.#checkPassphrase(share, passphrase);
    const viewerId = randomId(12);
    const record = await consoles.decide(id, { ...by, via: 'guest' }, (current) => {
      const at = now();
      assertOpen(current, at);
      assertWorks(
        current.sharing.shares.find((one) => one.id === share.id),
        at,
      );
      const there = knownViewer(current, share, brought);
      if (!there && !hasPlace(current.sharing, at)) {
        const message = `${MAX_VIEWERS} people watch this console already`;
        throw new GatewayError('viewer_limit', message);
      }
      const fresh = { id: viewerId, share: share.id, browser, since: at, tunnels: [], leftAt: at };
      // Who is signed in is called as their account is; a guest chooses.
      const viewer = {
        ...(there ?? fresh),
        name: by.who ?? name ?? there?.name ?? NAMELESS,
      };
      return { type: 'joined', viewer };
    });
    return { record, viewer: knownViewer(record, share, [...brought, browser]) ?? null };
  }

  /**
   * Gives the keyboard and mouse to `to`: the holder to whom it wants, a viewer to itself and back.
   *
   * @param from who asks: `holder` or a viewer's id.
   * @throws GatewayError `forbidden`, or the console's close reason.
   */
  async giveControl(id: string, from: string, to: string, by: Actor): Promise<ConsoleRecord> {
    return this.#parts.consoles.decide(id, by, (record) => {
      const now = this.#parts.now();
      assertOpen(record, now);
      const { sharing } = record;
      if (to !== HOLDER && !mayControl(sharing, to)) {
        throw new GatewayError('forbidden', 'this viewer may look, but not type');
      }
      const handsBack = to === HOLDER && sharing.control === from;
      if (from !== HOLDER && to !== from && !handsBack) {
        throw new GatewayError('forbidden', 'a viewer takes control for itself, or hands it back');
      }
      return { type: 'control', to, now };
    });
  }

  async #checkPassphrase(share: Share, passphrase: string | undefined): Promise<void> {
    if (share.passphraseHash === null) return;
    if (passphrase === undefined) {
      throw new GatewayError('passphrase_required', 'this shared link asks for a passphrase');
    }
    const { tries } = this.#parts;
    await tries.take(share.id, 'too many wrong passphrases for this shared link');
    if (!(await verify(share.passphraseHash, passphrase))) {
      throw new GatewayError('passphrase_wrong', 'this is not the passphrase of the shared link');
    }
    await tries.giveBack(share.id);
  }
}

/** @throws GatewayError `share_expired`, `share_revoked` */
export function assertWorks(share: Share | undefined, now: number): void {
  const end = endOfShare(share, now);
  if (end === null) return;
  const message =
    end === 'share_expired'
      ? 'the time of this shared link is over'
      : 'this shared link was revoked';
  throw new GatewayError(end, message);
}

/** The viewer's share, while it works. @throws GatewayError `share_expired`, `share_revoked` */
export function workingShare(record: ConsoleRecord, viewer: Viewer, now: number): Share {
  const share = shareOf(record.sharing, viewer);
  assertWorks(share, now);
  if (!share) throw new GatewayError('share_revoked', 'this shared link was revoked');
  return share;
}

function assertSharable(record: ConsoleRecord, { readOnly }: ShareRequest, now: number): void {
  assertOpen(record, now);
  assertApproved(record);
  if (record.readOnly && !readOnly) {
    throw new GatewayError('forbidden', 'this console is read-only, and so are its shared links');
  }
  if (liveShares(record.sharing).length >= MAX_SHARES) {
    const message = `this console has ${MAX_SHARES} shared links already: revoke one first`;
    throw new GatewayError('share_limit', message);
  }
}

function knownViewer(
  record: ConsoleRecord,
  share: Share,
  browsers: readonly string[],
): Viewer | undefined {
  const { viewers } = record.sharing;
  return viewers.find((viewer) => viewer.share === share.id && browsers.includes(viewer.browser));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
