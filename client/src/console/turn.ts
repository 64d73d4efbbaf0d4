import type { Command, Page, Phase } from './page-state.ts';

/** What one event makes of the page, and what is to be done for it. */
export interface Turn {
  readonly page: Page;
  readonly commands: readonly Command[];
}

export function stay(page: Page): Turn {
  return { page, commands: [] };
}

export function to(page: Page, phase: Phase, commands: readonly Command[] = []): Turn {
  return { page: { ...page, phase }, commands };
}
