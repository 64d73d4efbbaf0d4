/**
 * Makes this machine ready for a profile: `node scripts/setup.mjs [serve|demo|test|bench|bench-tunnel]`.
 *
 * Says what it did in one line each, and nothing when there was nothing to do. Plain Node and no
 * dependency, since it runs before `npm ci` has.
 *
 * Exit: 1 a step failed, 2 it cannot be done on this system (it says what to do instead).
 */
import { installNpmPackages } from './npm-packages.mjs';
import { missingGuacdParts, missingRequirements, PROFILES } from './requirements.mjs';
import {
  installGuacd,
  installRequirements,
  SetupError,
  updateLists,
  whyNotInstallable,
} from './debian-packages.mjs';

/** The first Node 20 that can `require` an ES module, which the tools rely on. */
const OLDEST_NODE = [20, 19];

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(
    `Node ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.versions.node}`,
    2,
  );
}

/** @param {string} text */
function say(text) {
  console.error(`setup: ${text}`);
}

/** What a person has to do where this script may not, or cannot. @param {string[]} packages */
function instructions(why, packages) {
  return [
    `something is missing and ${why}. Install`,
    `    ${packages.join(' ')}`,
    "  (Debian's names; guacd on Debian 12: `sudo guacd/install.sh`), or run everything in containers:",
    '    docker compose up',
  ].join('\n');
}

/** @param {string} profile a key of PROFILES */
function installMissing(profile) {
  const { guacd, install, requirements } = PROFILES[profile];
  const missing = missingRequirements(requirements);
  const guacdParts = guacd ? missingGuacdParts() : [];
  if (missing.length === 0 && guacdParts.length === 0) return;

  const names = missing.map((requirement) => requirement.package);
  if (guacdParts.length > 0) {
    names.push(...guacdParts.map((part) => (part === 'guacd' ? part : `libguac-client-${part}0`)));
  }
  if (!install) {
    say(
      `not on this machine: ${names.join(', ')}; name others in the configuration, or run \`npm run setup demo\``,
    );
    return;
  }
  const obstacle = whyNotInstallable();
  if (obstacle) throw new SetupError(instructions(obstacle, names), 2);

  updateLists();
  if (missing.length > 0) {
    installRequirements(missing);
    say(`installed ${missing.map((requirement) => requirement.package).join(', ')} (apt-get)`);
  }
  if (guacdParts.length > 0) {
    installGuacd();
    say(`installed guacd (guacd/install.sh): ${guacdParts.join(', ')}`);
  }
  const still = [
    ...missingRequirements(requirements).map((r) => r.commands[0]),
    ...missingGuacdParts(),
  ];
  if (still.length > 0) {
    throw new SetupError(
      `the packages are installed, but these are not found: ${still.join(', ')}`,
      2,
    );
  }
}

/**
 * Ends the process, with a message, when the machine cannot be made ready.
 *
 * @param {string} profile a key of PROFILES
 */
export function setup(profile) {
  try {
    if (!Object.hasOwn(PROFILES, profile)) {
      throw new SetupError(`no profile ${profile}: one of ${Object.keys(PROFILES).join(', ')}`, 2);
    }
    checkNode();
    installNpmPackages();
    installMissing(profile);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exit(error.exitCode);
  }
}

if (process.argv[1] === import.meta.filename) setup(process.argv[2] ?? 'demo');
