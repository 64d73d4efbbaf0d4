import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  type SharingChange,
  type TunnelsChange,
  changeSharing,
} from '../../server/consoles/change-sharing.ts';
import { connectionToJoin, strayTunnels } from '../../server/consoles/running-connection.ts';
import { viewersView } from '../../server/consoles/sharing-view.ts';
import {
  type Share,
  type Sharing,
  UNSHARED,
  type Viewer,
  endOfShare,
  hasPlace,
  sharingDueAt,
} from '../../server/consoles/sharing.ts';
import { HOLDER } from '../../server/contract/index.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

function shared(id: string, changes: Partial<Share> = {}): SharingChange {
  const share: Share = {
    id,
    keyHash: `key of ${id}`,
    passphraseHash: null,
    readOnly: false,
    label: null,
    createdAt: 0,
    expiresAt: 100 * MINUTE,
    ended: null,
    ...changes,
  };
  return { type: 'shared', share };
}

function joined(id: string, changes: Partial<Viewer> = {}): SharingChange {
  const viewer: Viewer = {
    id,
    share: 's',
    name: id,
    browser: `browser of ${id}`,
    since: 0,
    tunnels: [],
    leftAt: 0,
    ...changes,
  };
  return { type: 'joined', viewer };
}

const pictured = (tunnel: string, id: string): TunnelsChange => ({
  type: 'pictured',
  tunnel,
  connection: { id, guacd: { path: '/guacd' }, protocol: 'vnc', parameters: {} },
});
const came = (viewer: string, tunnel: string, connection = '$1'): SharingChange => ({
  type: 'viewer-opened',
  viewer,
  tunnel,
  connection,
});
const left = (viewer: string, tunnel: string, now: number): SharingChange => ({
  type: 'viewer-closed',
  viewer,
  tunnel,
  now,
});
const gone = (tunnel: string): TunnelsChange => ({ type: 'tunnel-closed', tunnel, now: 0 });
const control = (to: string, now = 0): SharingChange => ({ type: 'control', to, now });
const due = (now: number): TunnelsChange => ({ type: 'due', now });
const revoked: SharingChange = { type: 'revoked', share: 's' };

function after(...changes: (SharingChange | TunnelsChange)[]): Sharing {
  return changes.reduce(changeSharing, UNSHARED);
}

const BOB = [shared('s'), joined('bob'), pictured('h1', '$1'), came('bob', 'b1')] as const;

describe('control of a shared console', () => {
  it('is the holder’s until it is given, and goes back', () => {
    assert.equal(after(...BOB).control, HOLDER);
    assert.equal(after(...BOB, control('bob')).control, 'bob');
    assert.equal(after(...BOB, control('bob'), control(HOLDER)).control, HOLDER);
  });

  it('waits ten seconds for a viewer who has left, and not for one who is back', () => {
    const away = after(...BOB, control('bob'), left('bob', 'b1', MINUTE));
    assert.equal(sharingDueAt(away), MINUTE + 10 * SECOND);
    assert.equal(changeSharing(away, due(MINUTE + 9999)), away);
    assert.equal(changeSharing(away, due(MINUTE + 10_000)).control, HOLDER);
    const back = changeSharing(away, came('bob', 'b2'));
    assert.equal(changeSharing(back, due(99 * MINUTE)).control, 'bob');
    const oneOfTwo = after(...BOB, came('bob', 'b2'), control('bob'), left('bob', 'b1', 0));
    assert.equal(changeSharing(oneOfTwo, due(MINUTE)).control, 'bob');
  });

  it('waits as long for a viewer who gets it while away', () => {
    const given = after(shared('s'), joined('bob'), control('bob', MINUTE));
    assert.equal(sharingDueAt(given), MINUTE + 10 * SECOND);
  });

  it('goes back at once when the viewer’s share ends, and not with another’s', () => {
    const two = after(...BOB, shared('t'), control('bob'));
    assert.equal(changeSharing(two, { type: 'revoked', share: 't' }).control, 'bob');
    assert.equal(changeSharing(two, revoked).control, HOLDER);
    assert.equal(changeSharing(two, due(100 * MINUTE)).control, HOLDER);
  });

  it('is the holder’s when the console is closed', () => {
    const closed = after(...BOB, control('bob'), { type: 'closed' });
    assert.deepEqual([closed.control, closed.connections], [HOLDER, []]);
    assert.equal(viewersView(closed)[0]?.connected, false);
  });
});

describe('a share', () => {
  it('works until its time is over, to the millisecond, or it is revoked', () => {
    const share = after(shared('s')).shares[0];
    assert.equal(endOfShare(share, 100 * MINUTE - 1), null);
    assert.equal(endOfShare(share, 100 * MINUTE), 'share_expired');
    assert.equal(endOfShare(undefined, 0), 'share_revoked');
    const [over] = after(shared('s'), revoked, due(200 * MINUTE)).shares;
    assert.equal(endOfShare(over, 0), 'share_revoked');
  });

  it('without a time of its own works until the console ends', () => {
    const endless = after(shared('s', { expiresAt: null }));
    assert.equal(endOfShare(endless.shares[0], Number.MAX_SAFE_INTEGER), null);
    assert.equal(sharingDueAt(endless), Infinity);
    assert.equal(changeSharing(endless, due(Number.MAX_SAFE_INTEGER)), endless);
  });

  it('is due at its end and no more after it', () => {
    const both = after(shared('s'), shared('t', { expiresAt: MINUTE }));
    assert.equal(sharingDueAt(both), MINUTE);
    const late = changeSharing(both, due(MINUTE));
    assert.deepEqual(
      late.shares.map(({ ended }) => ended),
      [null, 'expired'],
    );
    assert.equal(sharingDueAt(late), 100 * MINUTE);
    assert.equal(changeSharing(late, due(2 * MINUTE)), late);
    assert.equal(sharingDueAt(changeSharing(late, revoked)), Infinity);
  });

  it('takes its viewers out of sight with it', () => {
    const two = after(...BOB, shared('t'), joined('eve', { share: 't' }));
    assert.deepEqual(
      viewersView(two).map(({ id, connected }) => [id, connected]),
      [
        ['bob', true],
        ['eve', false],
      ],
    );
    assert.deepEqual(
      viewersView(changeSharing(two, revoked)).map(({ id }) => id),
      ['eve'],
    );
  });

  it('that is over is remembered, but not for ever', () => {
    const many = Array.from({ length: 60 }, (_, at) => `s${at}`);
    const { shares } = after(
      ...many.flatMap((id): SharingChange[] => [shared(id), { type: 'revoked', share: id }]),
      shared('last'),
    );
    assert.deepEqual([shares.length, shares[0]?.id, shares.at(-1)?.id], [21, 's40', 'last']);
  });
});

describe('viewers', () => {
  const crowd = Array.from({ length: 20 }, (_, at) => joined(`v${at}`));

  it('have twenty places, which who has been away for minutes gives up', () => {
    const looked = Array.from({ length: 20 }, (_, at): SharingChange[] => [
      came(`v${at}`, `t${at}`),
      left(`v${at}`, `t${at}`, 1),
    ]);
    const full = after(shared('s'), ...crowd, ...looked.flat());
    assert.equal(hasPlace(full, MINUTE), false);
    assert.equal(hasPlace(full, 5 * MINUTE + 1), true);
    const here = changeSharing(full, came('v0', 't'));
    assert.equal(hasPlace({ ...here, viewers: here.viewers.slice(0, 19) }, 0), true);
    assert.equal(hasPlace(changeSharing(full, revoked), 0), true);
  });

  it('who never looked give their places up sooner', () => {
    const full = after(shared('s'), ...crowd);
    assert.equal(hasPlace(full, MINUTE / 4), false);
    assert.equal(hasPlace(full, MINUTE / 2), true);
  });

  it('are kept within bounds, those who are there before all', () => {
    const ages = Array.from({ length: 200 }, (_, at) =>
      joined(`w${at}`, { since: at * MINUTE, leftAt: at * MINUTE }),
    );
    const { viewers } = after(shared('s'), joined('bob'), came('bob', 'b1'), ...ages);
    assert.ok(viewers.length <= 41, `${viewers.length} viewers are kept`);
    assert.ok(viewers.some(({ id }) => id === 'bob'));
  });

  it('who come again keep their place and take their new name', () => {
    const { viewers } = after(...BOB, joined('eve'), joined('bob', { name: 'Robert', since: 9 }));
    assert.deepEqual(
      viewers.map(({ name, since, tunnels }) => [name, since, tunnels.length]),
      [
        ['Robert', 0, 1],
        ['eve', 0, 0],
      ],
    );
  });
});

describe('the connection that is joined', () => {
  const idFor = (sharing: Sharing, who: 'holder' | 'viewer') => connectionToJoin(sharing, who)?.id;

  it('is the holder’s latest, for a viewer', () => {
    assert.equal(idFor(UNSHARED, 'viewer'), undefined);
    const tabs = after(pictured('h1', '$1'), pictured('h2', '$2'));
    assert.equal(idFor(tabs, 'viewer'), '$2');
    assert.equal(idFor(changeSharing(tabs, gone('h2')), 'viewer'), '$1');
    assert.equal(idFor([gone('h2'), gone('h1')].reduce(changeSharing, tabs), 'viewer'), undefined);
  });

  it('is one that viewers are in, for the holder, and else none', () => {
    const alone = after(shared('s'), joined('bob'), pictured('h1', '$1'));
    assert.equal(idFor(alone, 'holder'), undefined);
    const away = after(...BOB, gone('h1'));
    assert.equal(idFor(away, 'holder'), '$1');
    assert.equal(idFor(away, 'viewer'), '$1');
    assert.equal(idFor(changeSharing(away, left('bob', 'b1', 0)), 'holder'), undefined);
  });

  it('is none that guacd has forgotten, nor one of a replica that died', () => {
    assert.equal(
      idFor(after(...BOB, { type: 'forgotten', connection: '$1' }), 'viewer'),
      undefined,
    );
    const lost = { type: 'tunnels-lost', tunnels: ['h1', 'b1'], now: MINUTE } as const;
    const dead = after(...BOB, lost);
    assert.deepEqual([dead.connections, dead.viewers[0]?.leftAt], [[], MINUTE]);
    assert.equal(changeSharing(dead, lost), dead);
  });

  it('is left by viewers whom the holder has left behind', () => {
    assert.deepEqual(strayTunnels(after(...BOB)), []);
    assert.deepEqual(strayTunnels(after(...BOB, gone('h1'))), []);
    assert.deepEqual(strayTunnels(after(...BOB, gone('h1'), pictured('h2', '$2'))), ['b1']);
    assert.deepEqual(strayTunnels(after(...BOB, pictured('h2', '$2'))), []);
  });
});
