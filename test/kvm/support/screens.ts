import { GuacdBridges } from '../../../server/bridges/guacd-bridges.ts';
import { ImageFolder } from '../../../server/images/image-folder.ts';
import { LocalRunner, type LocalRunnerOptions } from '../../../server/kvm/local/local-runner.ts';
import { ScreenedConsoles } from '../../../server/kvm/screened-consoles.ts';
import { WarmScreens } from '../../../server/kvm/warm-screens.ts';
import { createLogger } from '../../../server/log.ts';
import type { KvmRequest } from '../../../server/providers/provider-context.ts';
import type { Endpoint } from '../../../server/providers/provider.ts';
import { Secret } from '../../../server/secret.ts';
import type { BmcSite } from '../../simulators/bmc-pages/bmc-site.ts';
import { logBook } from '../../support/log-book.ts';
import { type TempDir, makeTempDir } from '../../support/temp-dir.ts';
import type { TestRunner } from './runners.ts';

export type Isolation = LocalRunnerOptions['isolation'];

export interface TestScreensOptions extends Partial<LocalRunnerOptions> {
  readonly loginMs?: number;
  /** How many are kept ready. */
  readonly warm?: number;
  /** In the place of one of its own. */
  readonly runner?: TestRunner['runner'];
}

export interface OpenedKvm {
  readonly endpoint: Endpoint;
  /** What was told after it was open, oldest first. */
  readonly faults: Error[];
  readonly steps: string[];
}

/** Screens as a gateway has them, without the gateway. */
export class TestScreens {
  readonly runner: TestRunner['runner'];
  readonly warm: WarmScreens | undefined;
  readonly dataDir: string;
  readonly #dir: TempDir;
  readonly #consoles: ScreenedConsoles;
  readonly #opened: Endpoint[] = [];

  private constructor(
    dir: TempDir,
    { loginMs = 20_000, warm = 0, runner: given, ...options }: TestScreensOptions,
  ) {
    const log = createLogger('debug', logBook.stream);
    const screens = options.screens ?? 4;
    this.#dir = dir;
    this.dataDir = dir.path;
    const usual = { isolation: 'auto', limits: { memory: 1024, cpus: 2 }, screens, log } as const;
    const runner = given ?? new LocalRunner({ ...usual, ...options });
    this.runner = runner;
    this.warm = warm > 0 ? new WarmScreens({ runner, warm, screens, log }) : undefined;
    this.#consoles = new ScreenedConsoles({
      ...{ runner: this.warm ?? runner, warm: this.warm, dataDir: dir.path, log, loginMs },
      images: options.images === undefined ? undefined : new ImageFolder(options.images),
      bridges: new GuacdBridges({ listen: '127.0.0.1' }),
    });
  }

  static async start(options: TestScreensOptions = {}): Promise<TestScreens> {
    return new TestScreens(await makeTempDir('screens'), options);
  }

  open(site: BmcSite, more: Partial<KvmRequest> = {}): Promise<OpenedKvm> {
    return this.openUrl(new URL(site.url), {
      credentials: { username: site.username, password: new Secret(site.password) },
      trust: { fingerprint: site.fingerprint },
      ...more,
    });
  }

  async openUrl(url: URL, more: Partial<KvmRequest>): Promise<OpenedKvm> {
    const faults: Error[] = [];
    const steps: string[] = [];
    const endpoint = await this.#consoles.open({
      name: 'rack: u12',
      vendor: 'form',
      ...{ url, trust: {} },
      onStep: (step) => steps.push(step),
      onFault: (error) => faults.push(error),
      signal: new AbortController().signal,
      ...more,
    });
    this.#opened.push(endpoint);
    return { endpoint, faults, steps };
  }

  async stop(): Promise<void> {
    for (const endpoint of this.#opened) await endpoint.release();
    await (this.warm ?? this.runner).stop();
    await this.#dir.stop();
  }
}

/** How often a screen that nobody has asked for was ready. */
export function timesReady(): number {
  return logBook.text.split('"a screen is ready"').length - 1;
}
