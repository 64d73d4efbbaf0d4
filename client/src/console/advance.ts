import type { ConsoleStep, ConsoleView } from '../../../server/contract/index.ts';
import { type FaultCode, isRetryable } from '../api/fault-code.ts';
import { backOff, STEADY } from './back-off.ts';
import { afterEnd, end, endBy, faultOfEnd, isOver } from './ending.ts';
import { answered, ask, enter, isNameless, questionOf } from './entry.ts';
import { idleSpanOf } from './idle.ts';
import {
  type Call,
  type Command,
  isLive,
  type Page,
  type PageEvent,
  type Phase,
} from './page-state.ts';
import { stay, to, type Turn } from './turn.ts';

/** Milliseconds between two looks for an approval: the event stream brings it sooner. */
const APPROVAL_LOOK = 10_000;

/** Milliseconds between two attempts to join the holder's connection. */
const HOLDER_LOOK = 3000;

/** Milliseconds between two looks for the screen of a machine that was switched on, and of them all. */
const POWER_LOOK = 2000;
const POWER_PATIENCE = 180_000;

/**
 * The life of a console's page as one pure function: what is shown next, and what is to be done for
 * it. `now` is the page's clock in milliseconds. An event that comes too late for the phase that the
 * page is in changes nothing.
 */
export function advance(page: Page, event: PageEvent, now: number): Turn {
  if (page.phase.name === 'ended') return afterEnd(page, event, now);
  switch (event.type) {
    case 'loaded':
      return enter(page);
    case 'answered':
      return answered(page, event);
    case 'told':
      return told(page, event, now);
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
    case 'prompted':
      if (!isAwaited(page.phase)) return stay(page);
      return to(page, { name: 'prompting', names: event.names });
    case 'credentials-sent':
      return page.phase.name === 'prompting' ? to(page, { name: 'waiting' }) : stay(page);
    case 'pictured':
      if (!isAwaited(page.phase)) return stay(page);
      return to({ ...page, seen: true, switchedOnAt: null }, { name: 'connected', since: now });
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
    case 'switched-on':
      return stay(isLive(page.phase) ? page : { ...page, switchedOnAt: now });
    case 'closing-here':
      return stay({ ...page, closing: event.closing });
    case 'closed-here':
      return end(page, 'ended', 'closed_here');
  }
}

function attempt(page: Page): Turn {
  if (page.console === null) return enter(page);
  return to(page, { name: 'starting', step: null }, [{ do: 'token' }]);
}

function told(page: Page, event: Extract<PageEvent, { type: 'told' }>, now: number): Turn {
  const { console: view, serverTime, viewer = page.viewer } = event;
  const before = page.console;
  // A guest who has come by a link and is nobody yet: what are the others to call them?
  if (before === null && page.key !== null && page.name === null && isNameless(view, viewer))
    return ask({ ...page, viewer }, 'name', null);
  const known: Page = {
    ...page,
    key: null,
    console: view,
    viewer,
    clockOffset: serverTime === null ? page.clockOffset : Date.parse(serverTime) - now,
    idleSpan: Math.max(page.idleSpan, idleSpanOf(view, serverTime)),
  };
  if (view.state === 'closed') {
    const reason = view.reason ?? 'ended';
    return end(known, reason, faultOfEnd(view, reason));
  }
  if (before === null) return admitted(known, view, now);
  const { name } = page.phase;
  if (name === 'approving' && view.approval !== 'pending') return attempt(known);
  const arrived = before.state !== 'connected' && view.state === 'connected';
  return name === 'absent' && arrived ? attempt(known) : stay(known);
}

function admitted(page: Page, view: ConsoleView, now: number): Turn {
  const { commands, ...next } = view.approval === 'pending' ? approving(page, now) : attempt(page);
  return { ...next, commands: [{ do: 'watch' }, ...commands] };
}

function approving(page: Page, now: number): Turn {
  return to(page, { name: 'approving' }, [{ do: 'wake', at: now + APPROVAL_LOOK }]);
}

function stepped(page: Page, step: ConsoleStep): Turn {
  const { name } = page.phase;
  if (name !== 'starting' && name !== 'connecting') return stay(page);
  return to(page, { name, step });
}

function refused(page: Page, call: Call, fault: FaultCode, now: number): Turn {
  const { name } = page.phase;
  if (call === 'redeem') {
    if (name !== 'redeeming') return stay(page);
    // Perhaps this very browser has used it: then its cookie opens the console.
    if (fault === 'launch_key_used') return to(page, page.phase, [{ do: 'look' }]);
    const question = questionOf(page, fault);
    if (question !== null)
      return ask(page, question, fault === 'passphrase_required' ? null : fault);
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

function dropped(page: Page, fault: FaultCode, now: number): Turn {
  const { phase } = page;
  if (phase.name === 'connected' || phase.name === 'unstable') {
    const failures = now - phase.since >= STEADY ? 0 : page.failures;
    return fail({ ...page, failures }, fault, now);
  }
  if (!isAwaited(phase) && phase.name !== 'prompting') return stay(page);
  return fail(page, fault, now);
}

/** Whether the display is on its way to a picture. */
function isAwaited({ name }: Phase): boolean {
  return name === 'connecting' || name === 'waiting';
}

function fail(page: Page, fault: FaultCode, now: number): Turn {
  // What is over is forgotten by the gateway: whoever was away at that moment hears of no console.
  if (fault === 'console_not_found' && isOver(page, now))
    return end(page, 'expired', 'console_expired');
  if (isComingUp(page, fault, now)) {
    return to(page, { name: 'lost', until: now + POWER_LOOK, fault }, [
      { do: 'hang-up' },
      { do: 'wake', at: now + POWER_LOOK },
    ]);
  }
  if (!isRetryable(fault)) return endBy(page, fault, now);
  if (page.console !== null && fault === 'approval_pending') return approving(page, now);
  if (page.console !== null && fault === 'not_running') {
    return to({ ...page, failures: 0 }, { name: 'absent' }, [
      { do: 'hang-up' },
      { do: 'wake', at: now + HOLDER_LOOK },
    ]);
  }
  const failures = page.failures + 1;
  const until = now + backOff(failures, page.luck);
  const commands: Command[] = [{ do: 'hang-up' }, { do: 'wake', at: until }];
  // The network may be gone, or the console may be over: only the gateway knows.
  if (page.console !== null) commands.push({ do: 'look' });
  return to({ ...page, failures }, { name: 'lost', until, fault }, commands);
}

/** A machine that has been told to begin has no screen at once. */
function isComingUp({ switchedOnAt }: Page, fault: FaultCode, now: number): boolean {
  if (fault !== 'machine_not_running' || switchedOnAt === null) return false;
  return now - switchedOnAt < POWER_PATIENCE;
}

function woken(page: Page, now: number): Turn {
  const { phase } = page;
  if (phase.name === 'absent') return attempt(page);
  if (phase.name === 'approving') {
    const { commands } = approving(page, now);
    return { page, commands: [...commands, { do: 'look' }] };
  }
  if (phase.name !== 'lost') return stay(page);
  // A browser's timer may fire a little early.
  if (now < phase.until) return { page, commands: [{ do: 'wake', at: phase.until }] };
  return attempt(page);
}
