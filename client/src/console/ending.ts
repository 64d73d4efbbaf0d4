import {
  CLOSE_REASONS,
  type CloseReason,
  type ConsoleView,
  isMendable,
  statusOfClose,
} from '../../../server/contract/index.ts';
import type { FaultCode } from '../api/fault-code.ts';
import type { Page, PageEvent } from './page-state.ts';
import { timeLeft } from './server-clock.ts';
import { stay, to, type Turn } from './turn.ts';

/** Milliseconds in which the gateway writes down that a console is over. */
const DOUBT = 2000;

/** The page is over, for this reason of the console's or for a fault that concerns this page alone. */
export function end(page: Page, reason: CloseReason | null, fault: FaultCode): Turn {
  // The news of it may be here before the answer to whoever closed it.
  const told = page.closing && reason === 'ended' ? 'closed_here' : fault;
  return to({ ...page, key: null }, { name: 'ended', reason, fault: told }, [
    { do: 'hang-up' },
    { do: 'unwatch' },
  ]);
}

/** The end after a fault that no retry mends. */
export function endBy(page: Page, fault: FaultCode, now: number): Turn {
  const reason = reasonOf(fault);
  if (page.console === null || isAboutTheLink(fault)) return end(page, reason, fault);
  // The tunnel says that the console is over; the console's record says why.
  if (reason !== null) {
    const ended = end(page, reason, fault);
    return { page: ended.page, commands: [...ended.commands, { do: 'look' }] };
  }
  if (isMendable(fault)) {
    const ended = end(page, null, fault);
    return { page: ended.page, commands: [{ do: 'hang-up' }, { do: 'look' }] };
  }
  // Most of these end the console, a moment after the tunnel: its record is still listened to.
  return to({ ...page, key: null }, { name: 'ended', reason, fault, unsure: true }, [
    { do: 'hang-up' },
    { do: 'wake', at: now + DOUBT },
    { do: 'look' },
  ]);
}

/**
 * An ended page learns more about its end (the row that says why a console failed), and may be told
 * to try again where it was only the target that refused and the console is still open.
 */
export function afterEnd(page: Page, event: PageEvent, now: number): Turn {
  const switched = event.type === 'switched-on';
  if ((switched || event.type === 'reconnect-asked') && canTryAgain(page)) {
    const switchedOnAt = switched ? now : page.switchedOnAt;
    return to({ ...page, failures: 0, switchedOnAt }, { name: 'starting', step: null }, [
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
  if (event.type !== 'told' || isAboutTheLink(phase.fault)) return stay(page);
  const { reason, error } = event.console;
  const informed: Page = { ...page, console: event.console };
  if (reason !== null && phase.reason === null && !phase.unsure) {
    // What ended this page alone is not what has ended the console since.
    return to(informed, { ...phase, reason, fault: faultOfEnd(event.console, reason) }, [
      { do: 'unwatch' },
    ]);
  }
  const fault = phase.fault === 'console_failed' ? (error?.code ?? phase.fault) : phase.fault;
  if (reason === null) return to(informed, { ...phase, fault });
  return to(informed, { ...sure, reason: phase.reason ?? reason, fault }, [{ do: 'unwatch' }]);
}

/** Why a console is over: its last fault is told with it, also where that is not what ended it. */
export function faultOfEnd({ error }: ConsoleView, reason: CloseReason): FaultCode {
  const byFault = reason === 'failed' || error?.code === 'approval_refused';
  return byFault && error !== null ? error.code : statusOfClose(reason);
}

/** Whether a person may try once more: the console is open, and it was not our own gate that shut. */
export function canTryAgain(page: Page): boolean {
  const { phase } = page;
  if (phase.name !== 'ended' || phase.reason !== null || phase.unsure) return false;
  if (isAboutTheLink(phase.fault)) return false;
  return page.console !== null && page.console.state !== 'closed';
}

/** Whether the machine's being down is all that is in the way, and this page may end that. */
export function canSwitchOn(page: Page): boolean {
  const { phase, console, viewer } = page;
  if (phase.name !== 'ended' || phase.fault !== 'machine_not_running') return false;
  return canTryAgain(page) && viewer === null && console?.may.power === true;
}

/** Whether it is this person's shared link that is over, while the console may go on. */
export function isAboutTheLink(fault: FaultCode): boolean {
  return fault === 'share_expired' || fault === 'share_revoked' || fault === 'viewer_limit';
}

/** Whether the console's time is up, as far as the page ever knew it. */
export function isOver(page: Page, now: number): boolean {
  if (page.console !== null) return timeLeft(page, now) === 0;
  return page.rememberedEnd !== null && now >= page.rememberedEnd;
}

function reasonOf(fault: FaultCode): CloseReason | null {
  return CLOSE_REASONS.find((reason) => statusOfClose(reason) === fault) ?? null;
}
