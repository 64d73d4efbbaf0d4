import { type TLSSocket, connect } from 'node:tls';
import type { Config } from '../../config.ts';
import { OLD_TLS, isFingerprint } from '../../platform/tls-trust.ts';
import { type BmcConfig, type BmcHostConfig, pageDriverOf } from '../../providers/bmc/schema.ts';
import { checkProgram } from './check-program.ts';
import type { Finding } from './finding.ts';

const TIMEOUT_MS = 5000;
/** BMCs that are looked at together. */
const AT_ONCE = 32;

const IPMI_PROGRAMS = [
  ['ipmitool', 'IPMI is spoken by '],
  ['socat', 'serial lines over IPMI go through '],
] as const;

/** The programs that serial lines and IPMI need, and the certificate of each BMC. */
export async function checkBmcs(config: Config): Promise<Finding[]> {
  const providers = config.providers.filter((provider) => provider.type === 'bmc');
  const hosts = providers.flatMap((provider) => provider.hosts.map((host) => ({ provider, host })));
  const found: Finding[] = [];
  if (hosts.some(({ host }) => host.ipmi.enabled)) {
    for (const [command, use] of IPMI_PROGRAMS) {
      const mend = `apt install ${command}, or set ipmi.enabled to false`;
      found.push(await checkProgram('bmc', command, mend, { showVersion: '-V', use }));
    }
  }
  const web = hosts.filter(({ host }) => host.redfish || pageDriverOf(host) !== undefined);
  for (let at = 0; at < web.length; at += AT_ONCE) {
    const some = web.slice(at, at + AT_ONCE);
    found.push(...(await Promise.all(some.map(({ provider, host }) => checkHost(provider, host)))));
  }
  return found;
}

/** The hosts, by `nameOf`, of whom nothing else is to be asked: their web server is wrong, or away. */
export function lostHosts({ providers }: Config, found: readonly Finding[]): ReadonlySet<string> {
  const wrong = new Set(found.filter(({ level }) => level === 'wrong').map(({ what }) => what));
  const hosts = providers.flatMap((provider) =>
    provider.type === 'bmc'
      ? provider.hosts.filter(({ redfish }) => redfish).map((host) => nameOf(provider, host))
      : [],
  );
  return new Set(hosts.filter((name) => wrong.has(name)));
}

export const nameOf = (provider: BmcConfig, host: BmcHostConfig): string =>
  `${provider.id}: ${host.id}`;

async function checkHost(provider: BmcConfig, host: BmcHostConfig): Promise<Finding> {
  const what = nameOf(provider, host);
  const { ca, fingerprint } = host.ca || host.fingerprint ? host : provider;
  const socket = connect({
    ...{ host: host.address, port: host.port, timeout: TIMEOUT_MS, rejectUnauthorized: false },
    ...(ca !== undefined && { ca }),
    ...(pageDriverOf(host) === 'java' && OLD_TLS),
  });
  try {
    await shakenHands(socket);
    const shown = socket.getPeerCertificate().fingerprint256 ?? '';
    const right =
      fingerprint === undefined ? socket.authorized : isFingerprint(socket, fingerprint);
    if (right) return { level: 'ok', what, message: 'its certificate is the right one' };
    const why = fingerprint === undefined ? String(socket.authorizationError) : 'another one';
    const message = `its certificate is refused (${why}); if this is it, set fingerprint: ${shown}`;
    return { level: 'wrong', what, message };
  } catch (cause) {
    const { code = 'no answer' } = cause as NodeJS.ErrnoException;
    const said = `${host.address} cannot be reached at port ${host.port}: ${code}`;
    // Nothing else is taken by the gateway for a BMC that has no web server.
    if (host.redfish && host.ipmi.enabled && code === 'ECONNREFUSED') {
      return { level: 'note', what, message: `${said}; IPMI is what it is asked by` };
    }
    if (!host.redfish) {
      const message = `${said}; its graphical console is there: correct its address and port`;
      return { level: 'wrong', what, message };
    }
    const without = host.ipmi.enabled ? ', or set redfish to false where it has IPMI alone' : '';
    return { level: 'wrong', what, message: `${said}; correct its address and port${without}` };
  } finally {
    socket.destroy();
  }
}

async function shakenHands(socket: TLSSocket): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('timeout', () => reject(new Error('no answer')));
    socket.on('error', reject);
  });
}
