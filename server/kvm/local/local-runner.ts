import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { startChild } from '../../platform/child-process.ts';
import { Disposer } from '../../platform/disposer.ts';
import { Leftovers } from '../../platform/leftovers.ts';
import { type OwnedDir, abandonedDirs, makeOwnedDir } from '../../platform/owned-dir.ts';
import { EgressProxy } from '../egress-proxy.ts';
import type { ProgramPlace, Screen, ScreenLimits, ScreenRunner, ScreenSpec } from '../runner.ts';
import { RunningScreens } from '../running-screens.ts';
import { type Account, OWN_ACCOUNT, takeAccount } from './accounts.ts';
import { findProgram } from './find-program.ts';
import { type Capabilities, ISOLATED, isolated, tryCapabilities } from './isolation.ts';
import { launch, launcherEnvironment } from './launcher.ts';
import { makeControlGroup, sweepControlGroups } from './limits.ts';
import { LocalScreen } from './local-screen.ts';
import { makeScreenFolder, removeScreenFolder } from './screen-folder.ts';

export interface LocalRunnerOptions {
  /** `auto` takes bubblewrap where it works. */
  readonly isolation: 'auto' | 'bubblewrap' | 'processes';
  readonly limits: ScreenLimits;
  /** Most screens at once. */
  readonly screens: number;
  /** Folder of disk images that programs may read, where there is one. */
  readonly images?: string | undefined;
  readonly log: Logger;
}

const KIND = 'kvm';
const MARKS = 'marks';
/** What its operator may have said to be right, by `processes`, and nobody else. */
const REACHES_ALL =
  'a Java console would reach more than its BMC here: bubblewrap is missing or does not work';
/** Port of the proxy's relay where loopback is the screen's own. */
const RELAY_PORT = 3128;
const MIB = 1024 * 1024;
const NICENESS = '5';

interface Ready extends Capabilities {
  readonly dir: OwnedDir;
  readonly leftovers: Leftovers;
}

/** Screens as processes beside the gateway, each a user of its own where the gateway is root. */
export class LocalRunner implements ScreenRunner {
  readonly isHere = true;
  readonly #options: LocalRunnerOptions;
  readonly #screens: RunningScreens;
  #ready: Promise<Ready> | undefined;
  #number = 0;

  constructor(options: LocalRunnerOptions) {
    this.#options = options;
    this.#screens = new RunningScreens({ most: options.screens, log: options.log });
  }

  /** Ends and removes what gateways that are gone have left. */
  async sweep(): Promise<void> {
    for (const dir of await abandonedDirs(KIND)) {
      // The sweep ends the processes; the folder of another user's gateway cannot be looked into.
      const ended = await new Leftovers(join(dir, MARKS)).sweep().catch(() => []);
      if (ended.length > 0)
        this.#options.log.warn({ screens: ended }, 'ended screens of a killed gateway');
      for (const name of await readdir(dir).catch(() => [])) {
        await removeScreenFolder(join(dir, name)).catch(() => undefined);
      }
      await rm(dir, { recursive: true, force: true }).catch(() => undefined);
    }
    await sweepControlGroups();
  }

  find(names: readonly string[]): string | undefined {
    return findProgram(names);
  }

  start(spec: ScreenSpec): Promise<Screen> {
    return this.#screens.add(spec, (starting) => this.#start(starting));
  }

  async stop(): Promise<void> {
    await this.#screens.stop();
    const ready = await this.#ready?.catch(() => undefined);
    await ready?.dir.remove();
    this.#ready = undefined;
  }

  async #start(spec: ScreenSpec): Promise<LocalScreen> {
    this.#ready ??= this.#prepare();
    const ready = await this.#ready.catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    const isolate = this.#options.isolation !== 'processes' && ready.bubblewrap;
    if (spec.sockets && !isolate && this.#options.isolation === 'auto') {
      throw new GatewayError('kvm_unavailable', REACHES_ALL);
    }
    this.#number += 1;
    const name = String(this.#number);
    const remains = new Disposer(this.#options.log);
    // Last of all: what is left when the gateway dies on the way is found by it.
    remains.defer('mark', () => ready.leftovers.forget(name));
    try {
      const account = await takeAccount();
      remains.defer('account', () => account.release());
      const { program, target, onRefused, size, serve, sockets } = spec;
      const path = join(ready.dir.path, name);
      const { uid } = account;
      const names = sockets && namesOf(sockets);
      const folder = await makeScreenFolder({ path, uid, program, names });
      remains.defer('folder', () => folder.remove());
      const socket = isolate ? { path: folder.proxySocket } : {};
      const proxy = await EgressProxy.start({
        target,
        onRefused,
        ...(serve && { serve }),
        ...socket,
      });
      remains.defer('proxy', () => proxy.stop());
      if (isolate) await chmod(folder.proxySocket, 0o666);
      const group = await makeControlGroup(name, this.#options.limits);
      if (group) remains.defer('group', () => group.remove());

      const home = isolate ? ISOLATED.home : folder.home;
      const env = launcherEnvironment({
        ...{ home, size, relayPort: RELAY_PORT, contained: isolate },
        folder: isolate ? ISOLATED.folder : folder.path,
        proxySocket: isolate ? `${ISOLATED.folder}/proxy` : null,
      });
      const place: ProgramPlace = {
        ...{ home, sandbox: ready.sandbox, ownNetwork: isolate },
        proxy: isolate ? `127.0.0.1:${RELAY_PORT}` : proxy.address,
      };
      const command = launch(program.command(place));
      const images = ready.readsImages ? this.#options.images : undefined;
      const homeBytes = (this.#options.limits.memory * MIB) / 4;
      const own = { folder: folder.path, env, homeBytes, addresses: sockets?.addresses ?? null };
      const inner = isolate ? isolated({ ...own, images }, command) : command;
      const [first = '', ...args] = [...(group?.prefix ?? []), ...boundsOf(account), ...inner];
      const child = await startChild({
        ...{ name: 'screen', command: first, args, env, cwd: '/', pipes: 3 },
      });
      await ready.leftovers.remember(name, child.pid).catch(async (error: unknown) => {
        await child.stop();
        throw error;
      });
      const screen = new LocalScreen({
        ...{ child, rfbSocket: folder.rfbSocket, remains, place },
        allowPorts: (ports) => proxy.allowPorts(ports),
        images: isolate && images !== undefined ? ISOLATED.images : images,
      });
      await screen.becomesReady(spec.signal).catch(async (error: unknown) => {
        await screen.stop();
        throw error;
      });
      return screen;
    } catch (error) {
      await remains.dispose();
      throw error;
    }
  }

  async #prepare(): Promise<Ready> {
    const { isolation, images, log } = this.#options;
    const account = await takeAccount();
    const capabilities = await tryCapabilities(account.prefix, images);
    account.release();
    if (isolation === 'bubblewrap' && !capabilities.bubblewrap) {
      const message = 'bubblewrap or socat is not there, or does not work here';
      throw new GatewayError('kvm_unavailable', message);
    }
    if (!capabilities.bubblewrap && isolation === 'auto') {
      log.warn('screens run without bubblewrap: their programs see this machine and its network');
    }
    if (images !== undefined && !capabilities.readsImages) {
      log.warn({ images }, 'screens cannot read the folder of disk images: none is offered');
    }
    const dir = await makeOwnedDir(KIND);
    // Each screen's folder is its own user's; the way to it is open.
    await chmod(dir.path, 0o711);
    await mkdir(join(dir.path, MARKS), { mode: 0o700 });
    return { ...capabilities, dir, leftovers: new Leftovers(join(dir.path, MARKS)) };
  }
}

/** Bounds that any process can be given; memory and processors are the control group's. */
function boundsOf(account: Account): string[] {
  const ofUser = account === OWN_ACCOUNT ? [] : ['--nproc=1024'];
  const bounds = ['--core=0', '--nofile=4096', ...ofUser];
  return ['nice', '-n', NICENESS, 'prlimit', ...bounds, ...account.prefix];
}

/** As in /etc/hosts, for a screen that can ask nobody. */
function namesOf({ host, addresses }: NonNullable<ScreenSpec['sockets']>): string {
  const lines = addresses.filter((address) => address !== host).map((each) => `${each} ${host}`);
  return ['127.0.0.1 localhost', ...lines, ''].join('\n');
}
