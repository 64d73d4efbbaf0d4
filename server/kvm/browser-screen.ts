import { GatewayError } from '../errors.ts';
import { CHROMIUM, chromium } from './browser/chromium.ts';
import { KvmBrowser } from './browser/kvm-browser.ts';
import type { Target } from './egress-proxy.ts';
import type { Screen, ScreenRunner, ScreenSize } from './runner.ts';
import { type ScreenIdentity, makeScreenIdentity } from './screen-identity.ts';

export interface BrowserScreenOptions {
  readonly runner: ScreenRunner;
  readonly size: ScreenSize;
  /** The BMC's, where it is known already: `https://bmc`. */
  readonly origin?: string;
  readonly signal: AbortSignal;
}

/** Where a screen leads from now on, and who is told what happens on it. */
export interface Aim {
  readonly url: URL;
  readonly target: Target;
  /** The only public key that the target may have, where the gateway sees to it. */
  readonly publicKey: string | null;
  readonly onRefused: (address: string) => void;
  readonly onTrouble: (error: GatewayError) => void;
}

/**
 * A screen with a browser on it, which reaches nothing and shows nothing until it is aimed at a BMC,
 * once. So it can be there before anybody knows at which.
 */
export class BrowserScreen {
  readonly screen: Screen;
  readonly browser: KvmBrowser;
  readonly #place: Place;

  private constructor(screen: Screen, browser: KvmBrowser, place: Place) {
    this.screen = screen;
    this.browser = browser;
    this.#place = place;
  }

  /**
   * A browser that falls while it comes up, as one in some hundred does on a busy machine, is begun anew, once.
   *
   * @throws GatewayError `kvm_unavailable`
   */
  static async start(options: BrowserScreenOptions): Promise<BrowserScreen> {
    const first = await BrowserScreen.#begin(options);
    try {
      return await first.comeUp();
    } catch (error) {
      if (options.signal.aborted) throw error;
    }
    return (await BrowserScreen.#begin(options)).comeUp();
  }

  static async #begin({ runner, size, origin, signal }: BrowserScreenOptions) {
    const executable = runner.find(CHROMIUM);
    if (!executable) throw new GatewayError('kvm_unavailable', 'there is no Chromium here');
    const place = new Place();
    const screen = await runner.start({
      ...{ size, signal, target: () => place.target },
      program: chromium({ executable, size, origin, publicKey: place.identity.publicKey }),
      onRefused: (address) => place.aim?.onRefused(address),
    });
    return { comeUp: () => BrowserScreen.#comeUp(screen, place) };
  }

  static async #comeUp(screen: Screen, place: Place): Promise<BrowserScreen> {
    try {
      const opening = KvmBrowser.open({
        screen,
        onTrouble: (error) => {
          if (place.aim) place.aim.onTrouble(error);
          else void screen.stop();
        },
      });
      const browser = await Promise.race([opening, endOf(screen)]);
      return new BrowserScreen(screen, browser, place);
    } catch (cause) {
      await screen.stop();
      if (cause instanceof GatewayError) throw cause;
      throw new GatewayError('kvm_unavailable', 'the browser does not start', { cause });
    }
  }

  /** From now on it leads to one BMC, and is never anybody else's again. */
  aim(aim: Aim): void {
    this.#place.aim = aim;
    this.browser.showOnly(aim.url.origin);
  }
}

class Place {
  readonly identity: ScreenIdentity = makeScreenIdentity();
  aim: Aim | undefined;

  get target(): Target | null {
    if (!this.aim) return null;
    const { target, publicKey, onTrouble } = this.aim;
    if (publicKey === null) return target;
    return { ...target, tls: { publicKey, identity: this.identity, onUntrusted: onTrouble } };
  }
}

/** @throws GatewayError `kvm_unavailable` when a screen that comes up ends. */
async function endOf(screen: Screen): Promise<never> {
  const words = await screen.ended;
  throw new GatewayError('kvm_unavailable', `the browser does not start: ${words}`);
}
