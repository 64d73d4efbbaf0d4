import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { advance } from '../../client/src/console/advance.ts';
import { currentStep } from '../../client/src/console/current-step.ts';
import { canSwitchOn, canTryAgain } from '../../client/src/console/ending.ts';
import { endWords } from '../../client/src/console/end-words.ts';
import type { PageEvent } from '../../client/src/console/page-state.ts';
import { stateWords } from '../../client/src/console/state-words.ts';
import { timeLeft } from '../../client/src/console/server-clock.ts';
import { toldOf } from '../../client/src/embed/told-of.ts';
import type { StatusCode } from '../../server/contract/index.ts';
import {
  connected,
  dropped,
  GRANT,
  GRANTED,
  NOW,
  Player,
  REDEEM,
  refused,
  told,
} from './support/player.ts';

describe('the life of the console page', () => {
  it('says on a reload that the time is up once it is, and nothing that it cannot know', () => {
    const reloaded = (end: number | null) =>
      new Player(null, end).play({ type: 'loaded' }, refused('look', 'console_not_found')).page
        .phase;
    const expired = { name: 'ended', reason: 'expired', fault: 'console_expired' };
    const unknown = { name: 'ended', reason: null, fault: 'console_not_found' };
    assert.deepEqual(reloaded(NOW), expired);
    assert.deepEqual(reloaded(NOW + 1), unknown);
    assert.deepEqual(reloaded(null), unknown);
  });

  it('says of a console that failed whether it ever was open, as far as it can know', () => {
    const failed = told({ state: 'closed', reason: 'failed' });
    const words = (player: Player) => endWords(player.play(failed).page);
    assert.equal(words(new Player().play({ type: 'loaded' }, told())), 'page.notOpened');
    assert.equal(words(connected()), 'closed.failed');
    assert.equal(words(new Player(null, NOW + 1).play({ type: 'loaded' })), 'closed.failed');
  });

  it('asks for what the machine asks, and goes on when it is given', () => {
    const asked = { type: 'prompted', names: ['username', 'password'] } as const;
    const prompted = () =>
      new Player().play({ type: 'loaded' }, told(), GRANTED, { type: 'opened' }, asked);
    assert.deepEqual(prompted().page.phase, { name: 'prompting', names: asked.names });
    assert.equal(stateWords(prompted().page), 'state.prompting');
    assert.equal(currentStep(prompted().page.phase), null);
    assert.equal(toldOf(prompted().page, 'c1'), null);
    const sent = prompted().play({ type: 'credentials-sent' });
    assert.equal(sent.name, 'waiting');
    assert.equal(sent.play({ type: 'pictured' }).name, 'connected');
    // guacd may ask for more.
    assert.equal(prompted().play({ type: 'credentials-sent' }, asked).name, 'prompting');
    assert.equal(connected().play(asked).name, 'connected');
    for (const code of ['target_credentials_wrong', 'target_credentials_missing'] as const) {
      const { page } = prompted().play(dropped(code));
      assert.deepEqual(page.phase, { name: 'ended', reason: null, fault: code });
      assert.equal(canTryAgain(page), true);
    }
    const cancelled = prompted().play({ type: 'closed-here' });
    assert.equal(cancelled.name, 'ended');
    assert.ok(cancelled.did.includes('hang-up'));
  });

  it('goes from the launch key to the picture, and names each state on the way', () => {
    const player = new Player();
    const seen: string[] = [];
    const see = (event: PageEvent) => seen.push(player.play(event).name);
    see({ type: 'loaded' });
    assert.deepEqual(player.commands, [REDEEM]);
    see(told());
    assert.deepEqual(player.did, ['watch', 'token']);
    see({ type: 'stepped', step: 'connecting' });
    assert.equal(currentStep(player.page.phase), 'connecting');
    see(GRANTED);
    assert.deepEqual(player.commands, [{ do: 'connect', grant: GRANT }]);
    see({ type: 'opened' });
    assert.equal(currentStep(player.page.phase), 'waiting-for-picture');
    see({ type: 'pictured' });
    see({ type: 'wavered' });
    see({ type: 'steadied' });
    assert.deepEqual(seen, [
      'redeeming',
      'starting',
      'starting',
      'connecting',
      'waiting',
      'connected',
      'unstable',
      'connected',
    ]);
  });

  it('forgets the launch key once it is redeemed', () => {
    assert.equal(connected().page.key, null);
  });

  it('asks by cookie on a reload, when there is no key', () => {
    const player = new Player(null).play({ type: 'loaded' });
    assert.deepEqual(player.did, ['look']);
    assert.deepEqual(player.play(told({ state: 'detached' })).did, ['watch', 'token']);
  });

  it('tries the cookie when the key was used, for it may have been used here', () => {
    const player = new Player().play({ type: 'loaded' }, refused('redeem', 'launch_key_used'));
    assert.deepEqual(player.did, ['look']);
    assert.equal(player.play(told()).name, 'starting');
  });

  it('says that the key was used when this browser was not the one', () => {
    const player = new Player().play(
      { type: 'loaded' },
      refused('redeem', 'launch_key_used'),
      refused('look', 'unauthenticated'),
    );
    assert.deepEqual(player.page.phase, { name: 'ended', reason: null, fault: 'launch_key_used' });
  });

  it('redeems the same key again when the network failed before an answer', () => {
    const player = new Player().play({ type: 'loaded' }, refused('redeem', 'network'));
    assert.equal(player.name, 'lost');
    player.after(1000).play({ type: 'woken' });
    assert.deepEqual(player.commands, [REDEEM]);
  });

  it('dates the end by the gateway’s clock, not by its own', () => {
    const player = new Player().after(600_000).play({ type: 'loaded' }, told());
    assert.equal(timeLeft(player.page, player.now), 7_200_000);
    assert.equal(timeLeft(player.page, player.now + 7_300_000), 0);
  });

  it('follows an expiry that was moved while connected', () => {
    const player = connected().play(told({ expiresAt: '2026-03-01T15:00:00Z' }));
    assert.equal(player.name, 'connected');
    assert.equal(timeLeft(player.page, player.now), 10_800_000);
  });
});

describe('reconnecting', () => {
  it('waits 1, 2, 4, 8, 15 and again 15 seconds, with a fresh token each time', () => {
    const player = connected().play(dropped('network'));
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      assert.equal(player.page.phase.name, 'lost');
      if (player.page.phase.name !== 'lost') return;
      const wait = player.page.phase.until - player.now;
      waits.push(wait / 1000);
      player.after(wait).play({ type: 'woken' });
      assert.deepEqual(player.did, ['token']);
      player.play(GRANTED, dropped('network'));
    }
    assert.deepEqual(waits, [1, 2, 4, 8, 15, 15]);
  });

  it('does not bring back in one moment what was lost in one', () => {
    const waits = [0, 0.5, 1].map((luck) => {
      const { page, now } = connected();
      const { phase } = advance({ ...page, luck }, dropped('shutting_down'), now).page;
      return phase.name === 'lost' && phase.until - now;
    });
    assert.deepEqual(waits, [1000, 1250, 1500]);
  });

  it('calls nothing lost that never was there', () => {
    const player = new Player().play({ type: 'loaded' }, told(), refused('token', 'network'));
    assert.equal(player.name, 'lost');
    assert.equal(stateWords(player.page), 'page.unreached');
    assert.equal(stateWords(connected().play(dropped('network')).page), 'state.lost');
  });

  it('begins again with 1 second after a connection that held', () => {
    const player = connected().play(dropped('network'));
    player.after(1000).play({ type: 'woken' }, GRANTED, { type: 'pictured' });
    player.after(60_000).play(dropped('target_lost'));
    assert.equal(player.page.phase.name === 'lost' && player.page.phase.until - player.now, 1000);
  });

  it('goes on backing off when each connection breaks at once', () => {
    const player = connected().play(dropped('network'));
    player.after(1000).play({ type: 'woken' }, GRANTED, { type: 'pictured' });
    player.after(100).play(dropped('network'));
    assert.equal(player.page.phase.name === 'lost' && player.page.phase.until - player.now, 2000);
  });

  it('does not wait when the person says now, nor when the network comes back', () => {
    for (const type of ['reconnect-asked', 'network-back'] as const) {
      const player = connected().play(dropped('network'), { type });
      assert.deepEqual([player.name, ...player.did], ['starting', 'token']);
    }
  });

  it('sleeps on when the timer fires early', () => {
    const player = connected().play(dropped('network')).after(990).play({ type: 'woken' });
    assert.deepEqual([player.name, ...player.did], ['lost', 'wake']);
  });

  it('asks after the console at every drop, and ends when that is over', () => {
    const player = connected().play(dropped('network'));
    assert.ok(player.did.includes('look'));
    player.play(told({ state: 'closed', reason: 'killed' }));
    assert.deepEqual(player.page.phase, {
      name: 'ended',
      reason: 'killed',
      fault: 'console_killed',
    });
    assert.deepEqual(player.play({ type: 'woken' }).did, []);
  });

  it('never tries again after these', () => {
    const final: StatusCode[] = [
      'console_expired',
      'console_idle',
      'console_ended',
      'console_killed',
      'console_failed',
      'target_credentials_refused',
      'target_refused',
      'forbidden',
    ];
    for (const fault of final) {
      const player = connected().play(dropped(fault));
      assert.equal(player.name, 'ended', fault);
      assert.deepEqual(player.after(60_000).play({ type: 'woken' }).did, [], fault);
    }
  });

  it('tells an expiry that the token call reports as the end', () => {
    const player = connected().play(dropped('network')).after(1000).play({ type: 'woken' });
    player.play(refused('token', 'console_expired'));
    assert.deepEqual(player.page.phase, {
      name: 'ended',
      reason: 'expired',
      fault: 'console_expired',
    });
  });

  it('ignores a drop of the connection before', () => {
    const player = connected().play({ type: 'disconnect-asked' }, dropped('network'));
    assert.equal(player.name, 'disconnected');
  });
});

describe('the end', () => {
  it('names the row that made the console fail', () => {
    const error = { code: 'target_credentials_refused', message: 'desk: refused' } as const;
    const player = connected().play(told({ state: 'closed', reason: 'failed', error }));
    assert.deepEqual(player.page.phase, {
      name: 'ended',
      reason: 'failed',
      fault: 'target_credentials_refused',
    });
  });

  it('learns that row afterwards when the tunnel only said that it failed', () => {
    const error = { code: 'target_unsupported', message: 'desk: RFB 2.0' } as const;
    const player = connected().play(dropped('console_failed'));
    assert.ok(player.did.includes('look'));
    player.play(told({ state: 'closed', reason: 'failed', error }));
    assert.equal(
      player.page.phase.name === 'ended' && player.page.phase.fault,
      'target_unsupported',
    );
  });

  it('is the console’s own, whatever went wrong at it before', () => {
    const error = { code: 'provider_unavailable', message: 'lab does not answer' } as const;
    const player = new Player().play({ type: 'loaded' }, told({ error }));
    player.play(told({ state: 'closed', reason: 'killed', error }));
    assert.deepEqual(player.page.phase, {
      name: 'ended',
      reason: 'killed',
      fault: 'console_killed',
    });
  });

  it('hangs up and stops watching when the person closes the session', () => {
    const player = connected().play({ type: 'closed-here' });
    assert.deepEqual(player.did, ['hang-up', 'unwatch']);
    assert.equal(player.name, 'ended');
  });

  it('says that the person closed it, whichever word of it comes first', () => {
    const closed = told({ state: 'closed', reason: 'ended' });
    const here: PageEvent = { type: 'closed-here' };
    const end = { name: 'ended', reason: 'ended', fault: 'closed_here' };
    for (const words of [
      [here, closed],
      [closed, here],
      [dropped('console_ended'), here],
    ])
      assert.deepEqual(connected().play(...words).page.phase, end);
  });

  it('says nothing else before it has the answer to its own closing', () => {
    const asked: PageEvent = { type: 'closing-here', closing: true };
    const closed = told({ state: 'closed', reason: 'ended' });
    for (const news of [closed, dropped('console_ended')]) {
      const { page } = connected().play(asked, news);
      const end = { type: 'closed', reason: 'ended', code: 'closed_here' };
      assert.deepEqual(toldOf(page, 'c1'), end);
    }
    const refusal: PageEvent = { type: 'closing-here', closing: false };
    const { phase } = connected().play(asked, refusal, closed).page;
    assert.deepEqual(phase, { name: 'ended', reason: 'ended', fault: 'console_ended' });
    const killed = connected().play(asked, told({ state: 'closed', reason: 'killed' })).page.phase;
    assert.deepEqual(killed, { name: 'ended', reason: 'killed', fault: 'console_killed' });
  });

  it('lets a person try again while the console is open and the target refused', () => {
    const player = connected().play(dropped('target_refused'), told());
    player.after(2000).play({ type: 'woken' }, { type: 'reconnect-asked' });
    assert.deepEqual([player.name, ...player.did], ['starting', 'watch', 'token']);
  });

  it('offers no second try before it is known that the console outlived the first', () => {
    const player = connected().play(dropped('target_credentials_refused'), told());
    assert.equal(canTryAgain(player.page), false, 'the record may not be written yet');
    assert.deepEqual(player.did, []);
    player.play(told({ state: 'closed', reason: 'failed' }), { type: 'woken' });
    assert.equal(canTryAgain(player.page), false);
    const { phase } = player.page;
    assert.deepEqual(phase.name === 'ended' && [phase.reason, phase.fault], [
      'failed',
      'target_credentials_refused',
    ]);
  });

  it('of a page that the target had refused is the console’s once that is over', () => {
    const player = connected().play(dropped('target_refused'), told());
    player.after(2000).play({ type: 'woken' }, told({ state: 'closed', reason: 'expired' }));
    assert.deepEqual(player.page.phase, {
      name: 'ended',
      reason: 'expired',
      fault: 'console_expired',
    });
  });

  it('does not let a person try again once the console is closed', () => {
    const player = connected().play(dropped('console_expired'), { type: 'reconnect-asked' });
    assert.equal(player.name, 'ended');
  });

  it('leaves the console open on disconnecting, and comes back when asked', () => {
    const player = connected().play({ type: 'disconnect-asked' });
    assert.deepEqual([player.name, ...player.did], ['disconnected', 'hang-up']);
    assert.deepEqual(player.play({ type: 'reconnect-asked' }).did, ['token']);
  });

  describe('of a machine that is down', () => {
    const down = (may = { extend: true, share: true, power: true }) =>
      new Player().play({ type: 'loaded' }, told({ may }), refused('token', 'machine_not_running'));

    it('may switch it on at once, or be tried again, where the policy lets it', () => {
      assert.deepEqual(down().did, ['hang-up', 'look']);
      assert.deepEqual([canSwitchOn(down().page), canTryAgain(down().page)], [true, true]);
      const only = down({ extend: true, share: true, power: false });
      assert.deepEqual([canSwitchOn(only.page), canTryAgain(only.page)], [false, true]);
    });

    it('waits for the screen once it is switched on, but not for ever', () => {
      const player = down().play({ type: 'switched-on' });
      assert.deepEqual([player.name, player.did], ['starting', ['watch', 'token']]);
      player.play(refused('token', 'machine_not_running'));
      assert.deepEqual([player.name, player.did], ['lost', ['hang-up', 'wake']]);
      player.after(2000).play({ type: 'woken' });
      assert.equal(player.name, 'starting');
      player.after(180_000).play(refused('token', 'machine_not_running'));
      assert.equal(player.name, 'ended');
      assert.equal(canSwitchOn(player.page), true);
    });

    it('waits as well where it was told to begin while the page tries again', () => {
      const player = down().play({ type: 'reconnect-asked' }, { type: 'switched-on' });
      assert.deepEqual([player.name, player.did], ['starting', []]);
      player.play(refused('token', 'machine_not_running'));
      assert.equal(player.name, 'lost');
    });

    it('says why its console is over once it is, and not that it is down', () => {
      const error = { code: 'machine_not_running', message: 'lab: Desk is off' } as const;
      const refusals = [refused('token', 'machine_not_running'), refused('token', 'console_held')];
      for (const refusal of refusals) {
        const player = new Player().play({ type: 'loaded' }, told(), refusal, told({ error }));
        player.play(told({ state: 'closed', reason: 'expired', error }));
        const { phase } = player.page;
        assert.deepEqual(phase, { name: 'ended', reason: 'expired', fault: 'console_expired' });
        assert.deepEqual(toldOf(player.page, 'c1'), {
          type: 'closed',
          reason: 'expired',
          code: 'console_expired',
        });
      }
    });

    it('has forgotten that it was switched on when it goes down again later', () => {
      const player = down().play({ type: 'switched-on' }, GRANTED, { type: 'opened' });
      player.play({ type: 'pictured' }, dropped('target_lost')).after(5000);
      player.play({ type: 'woken' }, refused('token', 'machine_not_running'));
      assert.equal(player.name, 'ended');
    });
  });
});
