import type {
  CloseReason,
  ConsoleStep,
  ConsoleView,
  Credential,
  TokenAnswer,
  ViewerSelf,
} from '../../../server/contract/index.ts';
import type { FaultCode } from '../api/fault-code.ts';

/** What a shared link asks its guest for. */
export type Question = 'passphrase' | 'name';

/** Where the page is. Moments (`since`, `until`) are milliseconds of the clock that is passed in. */
export type Phase =
  | {
      readonly name: 'redeeming';
      /** What the person has just been asked for. */
      readonly asked: Question | null;
    }
  | {
      readonly name: 'asking';
      readonly question: Question;
      /** Why the answer before was none. */
      readonly fault: FaultCode | null;
    }
  /** Somebody else has to approve the console first. */
  | { readonly name: 'approving' }
  /** A guest waits for the holder, whose connection they join. */
  | { readonly name: 'absent' }
  | { readonly name: 'starting'; readonly step: ConsoleStep | null }
  | { readonly name: 'connecting'; readonly step: ConsoleStep | null }
  | { readonly name: 'waiting' }
  /** The machine asks its user for these. */
  | { readonly name: 'prompting'; readonly names: readonly Credential[] }
  | { readonly name: 'connected'; readonly since: number }
  | { readonly name: 'unstable'; readonly since: number }
  | { readonly name: 'lost'; readonly until: number; readonly fault: FaultCode }
  | { readonly name: 'disconnected' }
  | {
      readonly name: 'ended';
      readonly reason: CloseReason | null;
      readonly fault: FaultCode;
      /** The gateway has yet to say whether the console is over, or may be tried once more. */
      readonly unsure?: true;
    };

export type PhaseName = Phase['name'];

export interface Page {
  readonly phase: Phase;
  /** The launch key, or a shared link's, while it has not been redeemed; null on a reload. */
  readonly key: string | null;
  readonly console: ConsoleView | null;
  /** Who this page is where the console was shared with it; null for the console's holder. */
  readonly viewer: ViewerSelf | null;
  /** What the others are to call a guest; null until they have said it. */
  readonly name: string | null;
  /** The gateway's clock minus ours, in milliseconds; 0 until the gateway has told its time. */
  readonly clockOffset: number;
  /** How many attempts have failed in a row. */
  readonly failures: number;
  /** Whether this page has shown the machine's picture. */
  readonly seen: boolean;
  /** When this page had the machine switched on, until its picture is there; milliseconds. */
  readonly switchedOnAt: number | null;
  /** When the console ends as an earlier load of the page knew it; milliseconds of our clock. */
  readonly rememberedEnd: number | null;
  /** The longest time without input that the gateway was seen to allow, in milliseconds. */
  readonly idleSpan: number;
  /** When this page last sent a person's input. */
  readonly usedAt: number | null;
  /** Whether this page has asked the gateway to end the console. */
  readonly closing: boolean;
  /** 0 to 1, another for each page. */
  readonly luck: number;
}

/** Calls that the page makes by itself. */
export type Call = 'redeem' | 'look' | 'token';

export type PageEvent =
  | { readonly type: 'loaded' }
  | {
      readonly type: 'told';
      readonly console: ConsoleView;
      readonly serverTime: string | null;
      /** Who asked, where the answer says so. */
      readonly viewer?: ViewerSelf | null;
    }
  | { readonly type: 'answered'; readonly name: string; readonly passphrase: string | null }
  | { readonly type: 'stepped'; readonly step: ConsoleStep }
  | { readonly type: 'granted'; readonly grant: TokenAnswer }
  | { readonly type: 'refused'; readonly call: Call; readonly fault: FaultCode }
  | { readonly type: 'opened' }
  | { readonly type: 'prompted'; readonly names: readonly Credential[] }
  /** What the machine asked for is on its way to it. */
  | { readonly type: 'credentials-sent' }
  | { readonly type: 'pictured' }
  | { readonly type: 'wavered' }
  | { readonly type: 'steadied' }
  | { readonly type: 'dropped'; readonly fault: FaultCode }
  | { readonly type: 'woken' }
  /** A person's input went to the gateway. */
  | { readonly type: 'used' }
  /** The browser has a network again. */
  | { readonly type: 'network-back' }
  | { readonly type: 'reconnect-asked' }
  /** The machine has been told to begin. */
  | { readonly type: 'switched-on' }
  | { readonly type: 'disconnect-asked' }
  /** The gateway was asked to end the console, or did not do it. */
  | { readonly type: 'closing-here'; readonly closing: boolean }
  | { readonly type: 'closed-here' };

/** What the page's driver is to do; the state machine itself touches nothing. */
export type Command =
  | {
      readonly do: 'redeem';
      readonly key: string;
      readonly name: string | null;
      readonly passphrase: string | null;
    }
  | { readonly do: 'look' }
  | { readonly do: 'watch' }
  | { readonly do: 'unwatch' }
  | { readonly do: 'token' }
  | { readonly do: 'connect'; readonly grant: TokenAnswer }
  | { readonly do: 'hang-up' }
  | { readonly do: 'wake'; readonly at: number };

/** What an earlier load of the page, or another page of this browser, has left. */
export interface Remembered {
  readonly end: number | null;
  readonly name: string | null;
}

const NOTHING: Remembered = { end: null, name: null };

export function initialPage(
  key: string | null,
  { end, name }: Remembered = NOTHING,
  luck = 0,
): Page {
  return {
    phase: { name: 'redeeming', asked: null },
    key,
    console: null,
    viewer: null,
    name,
    clockOffset: 0,
    failures: 0,
    seen: false,
    switchedOnAt: null,
    rememberedEnd: end,
    idleSpan: 0,
    usedAt: null,
    closing: false,
    luck,
  };
}

/** Whether a picture of the machine is on the page and takes input. */
export function isLive(phase: Phase): boolean {
  return phase.name === 'connected' || phase.name === 'unstable';
}
