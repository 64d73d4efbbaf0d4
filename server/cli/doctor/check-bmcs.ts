import { type TLSSocket, connect } from 'node:tls';
import type { Config } from '../../config.ts';
import { isFingerprint } from '../../platform/tls-trust.ts';
import type { BmcConfig, BmcHostConfig } from '../../providers/bmc/schema.ts';
import type { ProviderConfig } from '../../providers/registry.ts';
import { checkProgram } from './check-program.ts';
import type { Finding } from './finding.ts';

const TIMEOUT_MS = 5000;
/** BMCs that are looked at together. */
const AT_ONCE = 32;

/** The programs that serial lines and IPMI need, and the certificate of each BMC. */
export async function checkBmcs(config: Config): Promise<Finding[]> {
  const providers = config.providers.filter((provider) => provider.type === 'bmc');
  const hosts = providers.flatMap((provider) => provider.hosts.map((host) => ({ provider, host })));
  const found: Finding[] = [];
  if (hosts.some(({ host }) => host.ipmi.enabled)) {
    for (const command of ['ipmitool', 'socat']) {
      const mend = `apt install ${command}, or set ipmi.enabled to false`;
      found.push(await checkProgram('bmc', command, mend, '-V'));
    }
  }
  const web = hosts.filter(({ host }) => host.redfish);
  for (let at = 0; at < web.length; at += AT_ONCE) {
    const some = web.slice(at, at + AT_ONCE);
    found.push(...(await Promise.all(some.map(({ provider, host }) => checkHost(provider, host)))));
  }
  return found;
}

/** A provider all of whose BMCs are wrong has nothing to tell that they do not. */
export function isAsked(found: readonly Finding[]): (provider: ProviderConfig) => boolean {
  const wrong = new Set(found.filter(({ level }) => level === 'wrong').map(({ what }) => what));
  return (provider) => {
    if (provider.type !== 'bmc' || provider.hosts.length === 0) return true;
    return provider.hosts.some((host) => !wrong.has(nameOf(provider, host)));
  };
}

const nameOf = (provider: BmcConfig, host: BmcHostConfig): string => `${provider.id}: ${host.id}`;

async function checkHost(provider: BmcConfig, host: BmcHostConfig): Promise<Finding> {
  const what = nameOf(provider, host);
  const { ca, fingerprint } = host.ca || host.fingerprint ? host : provider;
  const socket = connect({
    ...{ host: host.address, port: host.port, timeout: TIMEOUT_MS, rejectUnauthorized: false },
    ...(ca !== undefined && { ca }),
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
    if (host.ipmi.enabled && code === 'ECONNREFUSED') {
      return { level: 'note', what, message: `${said}; IPMI is what it is asked by` };
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
