import { advance } from '../../../client/src/console/advance.ts';
import {
  type Command,
  initialPage,
  type Page,
  type PageEvent,
} from '../../../client/src/console/page-state.ts';
import type { ConsoleView, StatusCode, TokenAnswer } from '../../../server/contract/index.ts';

export const NOW = Date.parse('2026-03-01T12:00:00Z');
export const GRANT: TokenAnswer = {
  token: 'token',
  tunnel: 'ws://gateway/tunnel',
  expiresAt: '2026-03-01T12:00:30Z',
};

export function view(change: Partial<ConsoleView> = {}): ConsoleView {
  return {
    id: 'c1',
    machine: 'lab:desk',
    machineName: 'Desk',
    kind: 'vnc',
    readOnly: false,
    user: 'alice',
    openedBy: 'alice',
    purpose: null,
    approval: null,
    approvedBy: null,
    may: { extend: true, share: true, power: true },
    state: 'starting',
    reason: null,
    error: null,
    createdAt: '2026-03-01T12:00:00Z',
    expiresAt: '2026-03-01T14:00:00Z',
    extendableUntil: '2026-03-01T20:00:00Z',
    idleAt: null,
    viewers: [],
    control: 'holder',
    shares: 0,
    ...change,
  };
}

/** Plays events on one page; its clock moves only when it is told to. */
export class Player {
  page: Page;
  now = NOW;
  commands: readonly Command[] = [];

  constructor(
    key: string | null = 'launch-key',
    end: number | null = null,
    name: string | null = 'Ann',
  ) {
    this.page = initialPage(key, { end, name });
  }

  play(...events: PageEvent[]): this {
    for (const event of events) {
      const { page, commands } = advance(this.page, event, this.now);
      this.page = page;
      this.commands = commands;
    }
    return this;
  }

  after(milliseconds: number): this {
    this.now += milliseconds;
    return this;
  }

  get did(): string[] {
    return this.commands.map((command) => command.do);
  }

  get name(): string {
    return this.page.phase.name;
  }
}

export const told = (change: Partial<ConsoleView> = {}): PageEvent => ({
  type: 'told',
  console: view(change),
  serverTime: '2026-03-01T12:00:00Z',
});
export const refused = (
  call: 'redeem' | 'look' | 'token',
  fault: StatusCode | 'network',
): PageEvent => ({
  type: 'refused',
  call,
  fault,
});
export const REDEEM: Command = { do: 'redeem', key: 'launch-key', name: 'Ann', passphrase: null };
export const dropped = (fault: StatusCode | 'network'): PageEvent => ({ type: 'dropped', fault });
export const GRANTED: PageEvent = { type: 'granted', grant: GRANT };

export function connected(): Player {
  return new Player().play(
    { type: 'loaded' },
    told(),
    GRANTED,
    { type: 'opened' },
    { type: 'pictured' },
  );
}
