import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Config } from '../../config.ts';
import { CHROMIUM } from '../../kvm/browser/chromium.ts';
import { ContainerCli } from '../../kvm/container/container-cli.ts';
import { findWebStart } from '../../kvm/java/web-start.ts';
import { takeAccount } from '../../kvm/local/accounts.ts';
import { tryCapabilities } from '../../kvm/local/isolation.ts';
import { findProgram } from '../../kvm/local/find-program.ts';
import { type BmcHostConfig, pageDriverOf } from '../../providers/bmc/schema.ts';
import { nameOf } from './check-bmcs.ts';
import { type Finding, reasonOf } from './finding.ts';

const WHAT = 'screens';
/** By their packages, of whichever name is there. */
const EACH_NEEDS: readonly (readonly [string, readonly string[]])[] = [
  ['tigervnc-standalone-server', ['Xtigervnc']],
  ['tigervnc-common', ['tigervncconfig']],
  ['openbox', ['openbox']],
];
const BROWSER = ['chromium', CHROMIUM] as const;
const JAVA_PACKAGES = 'icedtea-netx openjdk-17-jre xterm x11-utils iproute2';

/** What the graphical consoles of BMCs need on this machine, where there is a BMC that may have one. */
export async function checkScreens(config: Config): Promise<Finding[]> {
  const hosts = config.providers.flatMap((provider) =>
    provider.type === 'bmc'
      ? provider.hosts.map((host) => ({ ...host, name: nameOf(provider, host) }))
      : [],
  );
  const shown = hosts.filter((host) => pageDriverOf(host) !== undefined);
  // Whose maker is found out by asking.
  const maybe = hosts.filter((host) => host.redfish && host.kvm.enabled && !shown.includes(host));
  if (shown.length + maybe.length === 0) return [];
  const level = shown.length > 0 ? 'wrong' : 'note';
  const java = shown.filter((host) => pageDriverOf(host) === 'java');
  switch (config.kvm.runner) {
    case 'container':
      return [await checkCli(config.kvm.container, level), ...java.map(notElsewhere)];
    case 'kubernetes':
      return [...(await checkCluster(config.kvm.kubernetes, level)), ...java.map(notElsewhere)];
    case 'local':
      return [
        checkPrograms(level, java.length < shown.length + maybe.length),
        await checkIsolation(config.kvm.isolation, java.length > 0),
        ...java.map(checkJava),
      ];
  }
}

type Level = 'wrong' | 'note';
type NamedHost = Pick<BmcHostConfig, 'kvm'> & { readonly name: string };

function checkPrograms(level: Level, withBrowser: boolean): Finding {
  const needed = [...EACH_NEEDS, ...(withBrowser ? [BROWSER] : [])];
  const missing = needed.filter(([, names]) => findProgram(names) === undefined);
  if (missing.length === 0) {
    const names = needed.map(([, [first]]) => first).join(', ');
    return { level: 'ok', what: WHAT, message: `what graphical consoles need is there: ${names}` };
  }
  const names = missing.map(([, [first]]) => first).join(', ');
  const packages = missing.map(([name]) => name).join(' ');
  const message = `graphical consoles need ${names}, and that is not here; apt install ${packages}, or set kvm.enabled of the hosts to false`;
  return { level, what: WHAT, message };
}

/** Tried, as the runner tries it. */
async function checkIsolation(
  isolation: Config['kvm']['isolation'],
  withJava: boolean,
): Promise<Finding> {
  if (isolation === 'processes') {
    const message = 'kvm.isolation is processes: screens see this machine and its network';
    return { level: 'note', what: WHAT, message };
  }
  const account = await takeAccount();
  const { bubblewrap } = await tryCapabilities(account.prefix, undefined);
  account.release();
  if (bubblewrap) return { level: 'ok', what: WHAT, message: 'bubblewrap and socat work here' };
  const refused = isolation === 'bubblewrap' ? 'no screen starts' : 'no Java console starts';
  const wrong = isolation === 'bubblewrap' || withJava;
  const what = wrong ? refused : 'screens see this machine and its network';
  const message = `bubblewrap or socat is missing or does not work here, so ${what}; apt install bubblewrap socat`;
  return { level: wrong ? 'wrong' : 'note', what: WHAT, message };
}

function checkJava({ name, kvm }: NamedHost): Finding {
  try {
    const { major } = findWebStart(name, kvm.java?.javaVersion);
    return { level: 'ok', what: name, message: `Java ${major} runs its console` };
  } catch (error) {
    const sentence = reasonOf(error).slice(`${name}: `.length);
    return { level: 'wrong', what: name, message: `${sentence}; apt install ${JAVA_PACKAGES}` };
  }
}

function notElsewhere({ name }: NamedHost): Finding {
  const message = 'Java consoles run beside the gateway alone; set kvm.runner to local';
  return { level: 'wrong', what: name, message };
}

async function checkCli(container: Config['kvm']['container'], level: Level): Promise<Finding> {
  const cli = new ContainerCli(container);
  try {
    const version = await cli.ask(['--version']);
    return { level: 'ok', what: WHAT, message: `${cli.name} is there: ${version.trim()}` };
  } catch (error) {
    const message = `${reasonOf(error)}; install it, or correct kvm.container.cli`;
    return { level, what: WHAT, message };
  }
}

async function checkCluster(
  kubernetes: Config['kvm']['kubernetes'],
  level: Level,
): Promise<Finding[]> {
  if (kubernetes === undefined) return [];
  return Promise.all(
    (['caFile', 'tokenFile'] as const).map(async (key): Promise<Finding> => {
      const file = kubernetes[key];
      try {
        await access(file, constants.R_OK);
        return { level: 'ok', what: WHAT, message: `${file} can be read` };
      } catch (error) {
        const message = `${reasonOf(error)}; correct kvm.kubernetes.${key}`;
        return { level, what: WHAT, message };
      }
    }),
  );
}
