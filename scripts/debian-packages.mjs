/** Installs Debian and Ubuntu packages: quietly, in bounded time, and without starting a service. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { findCommand } from './requirements.mjs';

const root = join(import.meta.dirname, '..');
const APT_OPTIONS = ['--quiet', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3'];
/** Ten minutes a step: a slow mirror is waited for, a dead one is not. */
const STEP_TIMEOUT_MS = 10 * 60_000;

export class SetupError extends Error {
  /** @param {string} message @param {number} exitCode 1 something failed, 2 it cannot be done here */
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** How to become root without asking anybody, or undefined. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (!findCommand('sudo')) return undefined;
  const asked = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore', timeout: 10_000 });
  return asked.status === 0 ? ['sudo', '-n'] : undefined;
}

/** Why packages cannot be installed here, or undefined when they can. */
export function whyNotInstallable() {
  if (!findCommand('apt-get') || !findCommand('dpkg-query')) {
    return 'this is not a Debian or Ubuntu system';
  }
  return rootPrefix() ? undefined : 'neither root nor a sudo that asks for no password';
}

/**
 * @param {string[]} command
 * @param {string} what the step's name in an error's message
 */
function asRoot(command, what) {
  const [program, ...args] = [
    ...(rootPrefix() ?? []),
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    ...command,
  ];
  const result = spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: STEP_TIMEOUT_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status === 0) return result.stdout;
  const timedOut = result.error && 'code' in result.error && result.error.code === 'ETIMEDOUT';
  const why = timedOut ? `took more than ${STEP_TIMEOUT_MS / 60_000} minutes` : 'failed';
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  throw new SetupError(`${what} ${why}, its own words are above`, result.status === 2 ? 2 : 1);
}

const quietly = ['sh', join(root, 'scripts/without-services.sh')];

/** Once, and before the first installation only. */
export function updateLists() {
  // A vendor's broken source must not stop what the others have; a package that is then not found
  // stops the installation, with apt's words.
  try {
    asRoot(['apt-get', ...APT_OPTIONS, 'update'], '`apt-get update`');
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`setup: ${error.message}; going on with the lists as they are`);
  }
}

/** @param {import('./requirements.mjs').Requirement[]} requirements */
export function installRequirements(requirements) {
  const packages = requirements.map((requirement) => requirement.package);
  asRoot(
    [
      ...quietly,
      'apt-get',
      ...APT_OPTIONS,
      '--yes',
      '--no-install-recommends',
      'install',
      ...packages,
    ],
    `installing ${packages.join(', ')}`,
  );
  disableServices(requirements.flatMap(({ services = [] }) => services));
}

/** Installs guacd and its protocols by guacd/install.sh; returns what that said. */
export function installGuacd() {
  const said = asRoot(
    [...quietly, join(root, 'guacd/install.sh'), '--no-update'],
    'installing guacd',
  );
  disableServices(['guacd.service']);
  return said;
}

/**
 * A package's service would start at the next boot. The gateway runs programs of its own on ports of
 * its own, so nobody would miss these and somebody could wonder about an sshd that was not there.
 *
 * @param {string[]} units
 */
function disableServices(units) {
  for (const unit of units) {
    const command = findCommand('systemctl')
      ? ['systemctl', '--quiet', 'disable', unit]
      : ['update-rc.d', unit.replace(/\.\w+$/, ''), 'disable'];
    const [program, ...args] = [...(rootPrefix() ?? []), ...command];
    // Units that are not there (another release's names) are no failure.
    spawnSync(program, args, { stdio: 'ignore', timeout: 30_000 });
  }
}
