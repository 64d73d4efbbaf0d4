import type { TestPage } from '../../support/browser.ts';
import type { Disposables } from '../../support/dispose.ts';
import type { PASSWORDS } from '../../support/gateway.ts';
import type { ConsolePage, PageState } from './console-page.ts';
import { enterPortal, opens } from './portal.ts';
import { DESK, type Stage, type Window } from './stage.ts';

/** The portal of somebody who has signed in, to find a provider's machines in. */
export class ProviderPortal {
  readonly tab: TestPage;

  private constructor(tab: TestPage) {
    this.tab = tab;
  }

  static async enter(
    stage: Stage,
    started: Disposables,
    name: keyof typeof PASSWORDS = 'support',
    window: Window = DESK,
  ): Promise<ProviderPortal> {
    return new ProviderPortal(await enterPortal(stage, started, name, window));
  }

  /** Searches for a machine until the list has it; a list is only as new as its provider's last. */
  async finds(machine: string): Promise<string> {
    const { page } = this.tab;
    const row = `[data-machine="${machine}"]`;
    const search = '[data-testid=search]';
    await page.waitForSelector(search);
    // What is listed before that answer is there goes with it.
    const answer = page.waitForResponse(
      (response) => new URL(response.url()).searchParams.get('q') === machine,
      { timeout: 10_000 },
    );
    await page.type(search, machine);
    await answer;
    await page.waitForSelector(row, { timeout: 10_000 });
    return row;
  }

  /** Presses the machine's button and waits for the console's tab to get there. */
  async opens(machine: string, kind = 'vnc', state: PageState = 'connected'): Promise<ConsolePage> {
    const row = await this.finds(machine);
    return opens(this.tab, () => this.tab.page.click(`${row} [data-kind=${kind}]`), state);
  }

  /** What stands in the machine's row. */
  words(row: string): Promise<string> {
    return this.tab.page.$eval(row, (element) => (element as HTMLElement).innerText);
  }
}
