import { HOLDER } from '../contract/index.ts';
import { withTunnel } from './running-connection.ts';
import {
  MAX_VIEWERS,
  type Share,
  type Sharing,
  type Viewer,
  controlBackAt,
  keepsPlace,
  mayControl,
  ownEndOf,
} from './sharing.ts';
import type { GuacdConnection } from './tunnel-port.ts';

/** Links that are over are remembered so that they can say so; these many. */
const REMEMBERED = 20;

/** What concerns nothing but the sharing. */
export type SharingChange =
  | { readonly type: 'shared'; readonly share: Share }
  | { readonly type: 'revoked'; readonly share: string }
  | { readonly type: 'joined'; readonly viewer: Viewer }
  | {
      readonly type: 'viewer-opened';
      readonly viewer: string;
      readonly tunnel: string;
      readonly connection: string;
    }
  | {
      readonly type: 'viewer-closed';
      readonly viewer: string;
      readonly tunnel: string;
      readonly now: number;
    }
  | { readonly type: 'control'; readonly to: string; readonly now: number }
  | { readonly type: 'forgotten'; readonly connection: string };

/** What happens to a console and changes who is at it, too. */
export type TunnelsChange =
  | {
      readonly type: 'pictured';
      readonly tunnel: string;
      readonly connection: GuacdConnection;
    }
  | { readonly type: 'tunnel-closed'; readonly tunnel: string; readonly now: number }
  | { readonly type: 'tunnels-lost'; readonly tunnels: readonly string[]; readonly now: number }
  | { readonly type: 'due'; readonly now: number }
  | { readonly type: 'closed' };

/** What becomes of it. Pure; the same value comes back when nothing changes. */
export function changeSharing(sharing: Sharing, event: SharingChange | TunnelsChange): Sharing {
  switch (event.type) {
    case 'shared':
      return { ...sharing, shares: remembered([...sharing.shares, event.share]) };
    case 'revoked':
      return endShares(sharing, ({ id }) => (id === event.share ? 'revoked' : null));
    case 'joined':
      return { ...sharing, viewers: withViewer(sharing, event.viewer) };
    case 'viewer-opened':
      return viewerOpened(sharing, event.viewer, event.tunnel, event.connection);
    case 'viewer-closed':
    case 'tunnel-closed':
      return without(sharing, [event.tunnel], event.now);
    case 'control':
      return giveControl(sharing, event.to, event.now);
    case 'pictured':
      return {
        ...sharing,
        connections: withTunnel(sharing.connections, event.connection, event.tunnel),
      };
    case 'forgotten':
      return {
        ...sharing,
        connections: sharing.connections.filter(({ id }) => id !== event.connection),
      };
    case 'tunnels-lost':
      return without(sharing, event.tunnels, event.now);
    case 'due':
      return afterTime(sharing, event.now);
    case 'closed':
      return {
        ...sharing,
        control: HOLDER,
        connections: [],
        viewers: sharing.viewers.map((viewer) => ({ ...viewer, tunnels: [] })),
      };
  }
}

/** Without the oldest of those that are over, when there are too many. */
function remembered(shares: readonly Share[]): Share[] {
  const over = shares.filter(({ ended }) => ended !== null);
  const dropped = new Set(over.slice(0, Math.max(0, over.length - REMEMBERED)));
  return shares.filter((share) => !dropped.has(share));
}

function endShares(sharing: Sharing, how: (share: Share) => Share['ended']): Sharing {
  const shares = sharing.shares.map((share) => {
    const ended = share.ended === null ? how(share) : null;
    return ended === null ? share : { ...share, ended };
  });
  if (shares.every((share, at) => share === sharing.shares[at])) return sharing;
  const after = { ...sharing, shares };
  const controls = after.control === HOLDER || mayControl(after, after.control);
  return controls ? after : { ...after, control: HOLDER };
}

/** A viewer who comes again takes the new name; who was away for long or by a lost link goes. */
function withViewer(sharing: Sharing, viewer: Viewer): Viewer[] {
  const { viewers, shares } = sharing;
  if (viewers.some(({ id }) => id === viewer.id)) {
    return viewers.map((one) => (one.id === viewer.id ? { ...one, name: viewer.name } : one));
  }
  const known = new Set(shares.map(({ id }) => id));
  const kept = viewers.filter(({ share }) => known.has(share));
  const places = kept.length < MAX_VIEWERS + REMEMBERED;
  const now = viewer.since;
  return [...(places ? kept : kept.filter((one) => keepsPlace(one, now))), viewer];
}

function viewerOpened(
  sharing: Sharing,
  viewer: string,
  tunnel: string,
  connection: string,
): Sharing {
  const viewers = sharing.viewers.map((one) =>
    one.id === viewer && !one.tunnels.includes(tunnel)
      ? { ...one, tunnels: [...one.tunnels, tunnel] }
      : one,
  );
  const connections = sharing.connections.map((one) =>
    one.id === connection && !one.tunnels.includes(tunnel)
      ? { ...one, tunnels: [...one.tunnels, tunnel] }
      : one,
  );
  return { ...sharing, viewers, connections };
}

/** A connection that nobody is in is one that guacd ends. */
function without(sharing: Sharing, gone: readonly string[], now: number): Sharing {
  const isGone = (tunnel: string): boolean => gone.includes(tunnel);
  const touched = [...sharing.connections, ...sharing.viewers].some(({ tunnels }) =>
    tunnels.some(isGone),
  );
  if (!touched) return sharing;
  const stay = (tunnels: readonly string[]): string[] => tunnels.filter((one) => !isGone(one));
  const viewers = sharing.viewers.map((viewer) => {
    if (!viewer.tunnels.some(isGone)) return viewer;
    const tunnels = stay(viewer.tunnels);
    return { ...viewer, tunnels, leftAt: now };
  });
  const connections = sharing.connections
    .map((one) => ({ ...one, tunnels: stay(one.tunnels) }))
    .filter(({ tunnels }) => tunnels.length > 0);
  return { ...sharing, viewers, connections };
}

/** Who gets it and is not there has the usual time to come. */
function giveControl(sharing: Sharing, to: string, now: number): Sharing {
  if (sharing.control === to) return sharing;
  const viewers = sharing.viewers.map((viewer) =>
    viewer.id === to && viewer.tunnels.length === 0 ? { ...viewer, leftAt: now } : viewer,
  );
  return { ...sharing, viewers, control: to };
}

function afterTime(sharing: Sharing, now: number): Sharing {
  const after = endShares(sharing, (share) => (ownEndOf(share) <= now ? 'expired' : null));
  return controlBackAt(after) <= now ? { ...after, control: HOLDER } : after;
}
