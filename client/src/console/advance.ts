import {
  type CloseReason,
  CLOSE_REASONS,
  type ConsoleView,
  statusOfClose,
} from '../../../server/contract/index.ts';
import { type FaultCode, isRetryable } from '../api/fault-code.ts';
import { backOff, STEADY } from './back-off.ts';
import type { Command, Page, PageEvent, Phase } from './page-state.ts';
import { idleSpanOf } from './idle.ts';
import { timeLeft } from './server-clock.ts';

/** Milliseconds in which the gateway writes down that a console is over. */
const DOUBT = 2000;

export interface Advance {
  readonly page: Page;
  readonly commands: readonly Command[];
}

/**
 * The life of a console's page as one pure function: what is shown next, and what is to be done for
 * it. `now` is the page's clock in milliseconds. An event that comes too late for the phase that the
 * page is in changes nothing.
 */
export function advance(page: Page, event: PageEvent, now: number): Advance {
  if (page.phase.name === 'ended') return afterEnd(page, event);
  switch (event.type) {
    case 'loaded':
      return to(page, { name: 'redeeming' }, admission(page));
    case 'told':
      return told(page, event.console, event.serverTime, now);
    case 'stepped':
      return stepped(page, event.step);
    case 'granted':
      if (page.phase.name !== 'starting') return stay(page);
      return to(page, { name: 'connecting', step: page.phase.step }, [
        { do: 'connect', grant: event.grant },
      ]);
    case 'refused':
      return refused(page, event.call, event.fault, now);
    case 'opened':
      if (page.phase.name !== 'connecting') return stay(page);
      return to(page, { name: 'waiting' });
    case 'pictured':
      if (page.phase.name !== 'connecting' && page.phase.name !== 'waiting') return stay(page);
      return to({ ...page, seen: true }, { name: 'connected', since: now });
    case 'wavered':
      if (page.phase.name !== 'connected') return stay(page);
      return to(page, { name: 'unstable', since: page.phase.since });
    case 'steadied':
      if (page.phase.name !== 'unstable') return stay(page);
      return to(page, { name: 'connected', since: page.phase.since });
    case 'dropped':
      return dropped(page, event.fault, now);
    case 'woken':
      return woken(page, now);
    case 'used':
      return { page: { ...page, usedAt: now }, commands: [] };
    case 'network-back':
      return page.phase.name === 'lost' ? attempt(page) : stay(page);
    case 'reconnect-asked':
      if (page.phase.name !== 'lost' && page.phase.name !== 'disconnected') return stay(page);
      return attempt(page);
    case 'disconnect-asked':
      if (page.console === null) return stay(page);
      return to({ ...page, failures: 0 }, { name: 'disconnected' }, [{ do: 'hang-up' }]);
    case 'closed-here':
      return end(page, 'ended', 'closed_here');
  }
}

function stay(page: Page): Advance {
  return { page, commands: [] };
}

function to(page: Page, phase: Phase, commands: readonly Command[] = []): Advance {
  return { page: { ...page, phase }, commands };
}

/** The call that lets the page in: the launch key once, the cookie of this browser afterwards. */
function admission(page: Page): Command[] {
  return [page.key === null ? { do: 'look' } : { do: 'redeem', key: page.key }];
}

function attempt(page: Page): Advance {
  if (page.console === null) return to(page, { name: 'redeeming' }, admission(page));
  return to(page, { name: 'starting', step: null }, [{ do: 'token' }]);
}

function told(page: Page, view: ConsoleView, serverTime: string | null, now: number): Advance {
  const first = page.console === null;
  const known: Page = {
    ...page,
    key: null,
    console: view,
    clockOffset: serverTime === null ? page.clockOffset : Date.parse(serverTime) - now,
    idleSpan: Math.max(page.idleSpan, idleSpanOf(view, serverTime)),
  };
  if (view.state === 'closed') {
    const reason = view.reason ?? 'ended';
    return end(known, reason, view.error?.code ?? statusOfClose(reason));
  }
  if (!first) return stay(known);
  return to(known, { name: 'starting', step: null }, [{ do: 'watch' }, { do: 'token' }]);
}

function stepped(page: Page, step: 'resolving' | 'connecting' | 'waiting-for-picture'): Advance {
  const { name } = page.phase;
  if (name !== 'starting' && name !== 'connecting') return stay(page);
  return to(page, { name, step });
}

function refused(
  page: Page,
  call: 'redeem' | 'look' | 'token',
  fault: FaultCode,
  now: number,
): Advance {
  const { name } = page.phase;
  if (call === 'redeem') {
    if (name !== 'redeeming') return stay(page);
    // Perhaps this very browser has used it: then its cookie opens the console.
    if (fault === 'launch_key_used') return to(page, page.phase, [{ do: 'look' }]);
    // A key that the gateway cannot even read is a wrong key.
    return fail(page, fault === 'invalid_request' ? 'launch_key_invalid' : fault, now);
  }
  if (call === 'look') {
    // A look beside the countdown only asks whether the console is still there.
    if (name !== 'redeeming') return isRetryable(fault) ? stay(page) : fail(page, fault, now);
    return fail(page, page.key === null || isRetryable(fault) ? fault : 'launch_key_used', now);
  }
  if (name !== 'starting') return stay(page);
  return fail(page, fault, now);
}

function dropped(page: Page, fault: FaultCode, now: number): Advance {
  const { phase } = page;
  if (phase.name === 'connected' || phase.name === 'unstable') {
    const failures = now - phase.since >= STEADY ? 0 : page.failures;
    return fail({ ...page, failures }, fault, now);
  }
  if (phase.name !== 'connecting' && phase.name !== 'waiting') return stay(page);
  return fail(page, fault, now);
}

function fail(page: Page, fault: FaultCode, now: number): Advance {
  // What is over is forgotten by the gateway: whoever was away at that moment hears of no console.
  if (fault === 'console_not_found' && isOver(page, now))
    return end(page, 'expired', 'console_expired');
  if (!isRetryable(fault)) {
    const reason = reasonOf(fault);
    // The tunnel says that the console is over; the console's record says why.
    if (page.console === null) return end(page, reason, fault);
    if (reason !== null) {
      const { page: ended, commands } = end(page, reason, fault);
      return { page: ended, commands: [...commands, { do: 'look' }] };
    }
    // Most of these end the console, a moment after the tunnel: its record is still listened to.
    return to({ ...page, key: null }, { name: 'ended', reason, fault, unsure: true }, [
      { do: 'hang-up' },
      { do: 'wake', at: now + DOUBT },
      { do: 'look' },
    ]);
  }
  const failures = page.failures + 1;
  const until = now + backOff(failures);
  const commands: Command[] = [{ do: 'hang-up' }, { do: 'wake', at: until }];
  // The network may be gone, or the console may be over: only the gateway knows.
  if (page.console !== null) commands.push({ do: 'look' });
  return to({ ...page, failures }, { name: 'lost', until, fault }, commands);
}

function isOver(page: Page, now: number): boolean {
  if (page.console !== null) return timeLeft(page, now) === 0;
  return page.rememberedEnd !== null && now >= page.rememberedEnd;
}

function woken(page: Page, now: number): Advance {
  if (page.phase.name !== 'lost') return stay(page);
  const { until } = page.phase;
  // A browser's timer may fire a little early.
  if (now < until) return { page, commands: [{ do: 'wake', at: until }] };
  return attempt(page);
}

function end(page: Page, reason: CloseReason | null, fault: FaultCode): Advance {
  return to({ ...page, key: null }, { name: 'ended', reason, fault }, [
    { do: 'hang-up' },
    { do: 'unwatch' },
  ]);
}

function reasonOf(fault: FaultCode): CloseReason | null {
  return CLOSE_REASONS.find((reason) => statusOfClose(reason) === fault) ?? null;
}

/**
 * An ended page learns more about its end (the row that says why a console failed), and may be told
 * to try again where it was only the target that refused and the console is still open.
 */
function afterEnd(page: Page, event: PageEvent): Advance {
  if (event.type === 'reconnect-asked' && canTryAgain(page)) {
    return to({ ...page, failures: 0 }, { name: 'starting', step: null }, [
      { do: 'watch' },
      { do: 'token' },
    ]);
  }
  const { phase } = page;
  if (phase.name !== 'ended') return stay(page);
  const { unsure: _, ...sure } = phase;
  if (event.type === 'woken') return to(page, sure);
  if (event.type === 'closed-here')
    return to(page, { ...sure, reason: 'ended', fault: 'closed_here' });
  if (event.type !== 'told') return stay(page);
  const { reason, error } = event.console;
  const fault = phase.fault === 'console_failed' ? (error?.code ?? phase.fault) : phase.fault;
  const informed: Page = { ...page, console: event.console };
  if (reason === null) return to(informed, { ...phase, fault });
  return to(informed, { ...sure, reason: phase.reason ?? reason, fault }, [{ do: 'unwatch' }]);
}

/** Whether a person may try once more: the console is open, and it was not our own gate that shut. */
export function canTryAgain(page: Page): boolean {
  const { phase } = page;
  if (phase.name !== 'ended' || phase.reason !== null || phase.unsure) return false;
  return page.console !== null && page.console.state !== 'closed';
}
