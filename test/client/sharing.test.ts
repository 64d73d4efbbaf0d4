import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { canTryAgain } from '../../client/src/console/ending.ts';
import { endWords } from '../../client/src/console/end-words.ts';
import { isExtendable } from '../../client/src/console/extension.ts';
import type { PageEvent } from '../../client/src/console/page-state.ts';
import {
  controllerOf,
  mayEverType,
  mayShare,
  mayTell,
  mayType,
  othersOf,
} from '../../client/src/console/participants.ts';
import { shareRequestOf } from '../../client/src/sharing/share-request.ts';
import type { ConsoleView, ViewerView } from '../../server/contract/index.ts';
import { dropped, GRANT, NOW, Player, refused, told } from './support/player.ts';

const BOB = { id: 'v-bob', readOnly: false };
const bob: ViewerView = {
  ...BOB,
  name: 'Bob',
  since: '2026-03-01T12:00:00Z',
  connected: true,
};

/** What a guest's page is told when its key is redeemed, or its cookie known. */
const admitted = (change: Partial<ConsoleView> = {}, viewer = BOB): PageEvent => ({
  ...(told({ state: 'connected', viewers: [bob], ...change }) as Extract<
    PageEvent,
    { type: 'told' }
  >),
  viewer,
});
const answered = (name: string, passphrase: string | null = null): PageEvent => ({
  type: 'answered',
  name,
  passphrase,
});

/** Somebody in front of a shared link. */
function guest(name: string | null = 'Bob'): Player {
  return new Player('share-key', null, name).play({ type: 'loaded' });
}

describe('a shared link', () => {
  it('opens at once for a guest whose name is known', () => {
    const player = guest();
    assert.deepEqual(player.commands, [
      { do: 'redeem', key: 'share-key', name: 'Bob', passphrase: null },
    ]);
    assert.deepEqual(player.play(admitted()).did, ['watch', 'token']);
    assert.equal(player.page.key, null);
  });

  it('asks a guest for their name once, before they are connected', () => {
    const player = guest(null).play(admitted({ viewers: [{ ...bob, name: 'guest' }] }));
    assert.deepEqual(player.page.phase, { name: 'asking', question: 'name', fault: null });
    assert.deepEqual(player.did, []);
    player.play(answered('Bob'));
    assert.deepEqual(player.commands, [
      { do: 'redeem', key: 'share-key', name: 'Bob', passphrase: null },
    ]);
    assert.deepEqual(player.play(admitted()).did, ['watch', 'token']);
  });

  it('asks nobody for a name who has one already, as who is signed in does', () => {
    assert.deepEqual(guest(null).play(admitted()).did, ['watch', 'token']);
  });

  it('asks no holder for a name', () => {
    const holder = guest(null).play({ ...admitted(), viewer: null } as PageEvent);
    assert.equal(holder.name, 'starting');
  });

  it('asks for its passphrase until it is right, and says when it was wrong', () => {
    const player = guest().play(refused('redeem', 'passphrase_required'));
    assert.deepEqual(player.page.phase, { name: 'asking', question: 'passphrase', fault: null });
    for (const fault of ['passphrase_wrong', 'rate_limited', 'invalid_request'] as const) {
      player.play(answered('Bob', 'not this one'), refused('redeem', fault));
      assert.deepEqual(player.page.phase, { name: 'asking', question: 'passphrase', fault });
      assert.deepEqual(player.did, [], 'a wrong one is not tried again');
    }
    player.play(answered('Bob', 'the right one'));
    assert.deepEqual(player.commands, [
      { do: 'redeem', key: 'share-key', name: 'Bob', passphrase: 'the right one' },
    ]);
    assert.equal(player.play(admitted()).name, 'starting');
  });

  it('asks again when the network went while the answer was on its way', () => {
    const player = guest()
      .play(refused('redeem', 'passphrase_required'), answered('Bob', 'the right one'))
      .play(refused('redeem', 'network'))
      .after(1000)
      .play({ type: 'woken' }, refused('redeem', 'passphrase_required'));
    assert.equal(player.name, 'asking');
  });

  it('is known again after a reload, without a question', () => {
    const player = new Player(null, null, null).play({ type: 'loaded' }, admitted());
    assert.equal(player.name, 'starting');
    assert.deepEqual(player.page.viewer, BOB);
  });

  it('that is over ends the page at once, and whatever the console does then is no news', () => {
    for (const fault of ['share_revoked', 'share_expired'] as const) {
      const player = guest().play(
        admitted(),
        { type: 'granted', grant: GRANT },
        { type: 'pictured' },
        dropped(fault),
      );
      assert.deepEqual(player.page.phase, { name: 'ended', reason: null, fault });
      assert.deepEqual(player.did, ['hang-up', 'unwatch']);
      player.play(told({ state: 'connected' }), told({ state: 'closed', reason: 'ended' }));
      assert.deepEqual(player.page.phase, { name: 'ended', reason: null, fault });
      assert.equal(endWords(player.page), 'join.over');
      assert.equal(canTryAgain(player.page), false);
      const late = guest().play(refused('redeem', fault));
      assert.equal(endWords(late.page), 'page.noEntry', 'for who never was in');
    }
  });

  it('is asked for with nothing that was left empty', () => {
    assert.deepEqual(
      shareRequestOf({ readOnly: true, life: 'always', passphrase: '', label: '  ' }),
      { readOnly: true },
    );
    const all = { readOnly: false, life: 'quarter', passphrase: ' a phrase ', label: ' Bob ' };
    assert.deepEqual(shareRequestOf({ ...all, life: 'quarter' }), {
      readOnly: false,
      ttl: 900,
      passphrase: ' a phrase ',
      label: 'Bob',
    });
  });
});

describe('a guest whose holder is not there', () => {
  const waiting = () =>
    guest().play(admitted({ state: 'detached' }), refused('token', 'not_running'));

  it('waits, and looks every three seconds', () => {
    const player = waiting();
    assert.equal(player.name, 'absent');
    assert.deepEqual(player.commands.at(-1), { do: 'wake', at: NOW + 3000 });
    assert.deepEqual(player.after(3000).play({ type: 'woken' }).did, ['token']);
    assert.equal(player.play(refused('token', 'not_running')).name, 'absent');
  });

  it('comes in the moment that the holder does', () => {
    const player = waiting().play(told({ state: 'detached' }));
    assert.equal(player.name, 'absent');
    assert.deepEqual(player.play(told({ state: 'connected' })).did, ['token']);
  });

  it('does not ask at every piece of news while the holder’s picture is said to be there', () => {
    const player = guest().play(admitted(), refused('token', 'not_running'));
    assert.deepEqual(player.play(told({ state: 'connected' })).did, []);
    assert.equal(player.name, 'absent');
  });

  it('is told when the console ends', () => {
    const player = waiting().play(told({ state: 'closed', reason: 'expired' }));
    assert.equal(player.name, 'ended');
  });

  it('waits as well when the connection that they were in ends', () => {
    const player = guest().play(admitted(), { type: 'granted', grant: GRANT });
    assert.equal(player.play(dropped('not_running')).name, 'absent');
  });
});

describe('keyboard and mouse', () => {
  const of = (player: Player) => ({ may: mayType(player.page), ever: mayEverType(player.page) });

  it('are the holder’s until they are given away', () => {
    const holder = new Player().play({ type: 'loaded' }, told({ viewers: [bob] }));
    assert.equal(mayType(holder.page), true);
    assert.equal(controllerOf(holder.page), null);
    holder.play(told({ viewers: [bob], control: BOB.id }));
    assert.deepEqual(of(holder), { may: false, ever: true });
    assert.equal(controllerOf(holder.page)?.name, 'Bob');
    assert.deepEqual(othersOf(holder.page), [bob]);
    holder.play(told({ viewers: [{ ...bob, connected: false }] }));
    assert.deepEqual(othersOf(holder.page), [], 'who has left does not watch');
  });

  it('are a guest’s who was given them, and never one’s who may only watch', () => {
    const player = guest().play(admitted());
    assert.deepEqual(of(player), { may: false, ever: true });
    assert.deepEqual(of(player.play(told({ control: BOB.id }))), { may: true, ever: true });
    const watcher = guest().play(admitted({ control: BOB.id }, { ...BOB, readOnly: true }));
    assert.deepEqual(of(watcher), { may: false, ever: false });
    assert.deepEqual(othersOf(player.page), []);
  });

  it('are nobody’s at a console that can only be looked at', () => {
    const holder = new Player().play({ type: 'loaded' }, told({ readOnly: true }));
    assert.deepEqual(of(holder), { may: false, ever: false });
  });

  it('and time and links are not a guest’s to give', () => {
    const player = guest().play(admitted());
    assert.equal(mayShare(player.page), false);
    assert.equal(isExtendable(player.page), false);
    const holder = new Player().play({ type: 'loaded' }, told());
    assert.equal(mayShare(holder.page), true);
    assert.equal(isExtendable(holder.page), true);
    holder.play(told({ may: { extend: false, share: false, power: false } }));
    assert.equal(mayShare(holder.page), false);
    assert.equal(isExtendable(holder.page), false);
  });

  it('and the machine is not a guest’s to switch, nor anybody’s where the console is over', () => {
    assert.equal(mayTell(guest().play(admitted()).page), false);
    const holder = new Player().play({ type: 'loaded' }, told());
    assert.equal(mayTell(holder.page), true);
    const off = { code: 'machine_not_running', message: 'lab:desk is off' } as const;
    holder.play(refused('token', off.code));
    assert.deepEqual([holder.name, mayTell(holder.page)], ['ended', true], 'it can be switched on');
    holder.play(told({ state: 'closed', reason: 'ended' }));
    assert.deepEqual([holder.name, mayTell(holder.page)], ['ended', false]);
    const may = { extend: true, share: true, power: false };
    const denied = new Player().play({ type: 'loaded' }, told({ may }));
    assert.equal(mayTell(denied.page), false);
    const waiting = new Player().play({ type: 'loaded' }, told({ approval: 'pending' }));
    assert.equal(mayTell(waiting.page), false);
  });
});

describe('a console that has to be approved', () => {
  const waiting = () => new Player().play({ type: 'loaded' }, told({ approval: 'pending' }));

  it('waits without a connection, listens, and looks every ten seconds', () => {
    const player = waiting();
    assert.equal(player.name, 'approving');
    assert.deepEqual(player.commands, [{ do: 'watch' }, { do: 'wake', at: NOW + 10_000 }]);
    assert.deepEqual(player.after(10_000).play({ type: 'woken' }).did, ['wake', 'look']);
    assert.equal(isExtendable(player.page), false);
    assert.equal(mayShare(player.page), false);
  });

  it('goes on by itself once it is approved', () => {
    const player = waiting().play(told({ approval: 'pending' }));
    assert.equal(player.name, 'approving');
    assert.deepEqual(player.play(told({ approval: 'granted' })).did, ['token']);
  });

  it('waits as well where only the token says so', () => {
    const player = new Player().play({ type: 'loaded' }, told());
    assert.equal(player.play(refused('token', 'approval_pending')).name, 'approving');
  });

  it('that is refused, or forgotten, is told as just that', () => {
    const error = { code: 'approval_refused', message: 'admin: not today' } as const;
    const refusal = waiting().play(
      told({ approval: 'pending', state: 'closed', reason: 'killed', error }),
    );
    assert.equal(endWords(refusal.page), 'approval.refused');
    const late = waiting().play(told({ approval: 'pending', state: 'closed', reason: 'expired' }));
    assert.equal(endWords(late.page), 'approval.expired');
  });
});
