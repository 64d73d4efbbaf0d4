import type { ShareView, ViewerView } from '../contract/index.ts';
import { type Share, type Sharing, liveViewers, shareOf } from './sharing.ts';

/** The viewers as everybody at the console sees them. */
export function viewersView(sharing: Sharing): ViewerView[] {
  return liveViewers(sharing).map((viewer) => ({
    id: viewer.id,
    name: viewer.name,
    readOnly: shareOf(sharing, viewer)?.readOnly ?? true,
    since: new Date(viewer.since).toISOString(),
    connected: viewer.tunnels.length > 0,
  }));
}

/** A share as those who may manage the console see it: without what opens it. */
export function shareView(
  { sharing, expiresAt }: { readonly sharing: Sharing; readonly expiresAt: number },
  share: Share,
): ShareView {
  return {
    id: share.id,
    readOnly: share.readOnly,
    createdAt: new Date(share.createdAt).toISOString(),
    expiresAt: new Date(share.expiresAt ?? expiresAt).toISOString(),
    passphrase: share.passphraseHash !== null,
    label: share.label,
    revoked: share.ended === 'revoked',
    viewers: sharing.viewers.filter((viewer) => viewer.share === share.id).length,
  };
}
