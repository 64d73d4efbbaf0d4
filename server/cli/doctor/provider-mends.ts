import type { ProviderConfig } from '../../providers/registry.ts';
import { codeOf } from './finding.ts';

/** How the section calls what can be wrong in it. */
interface Names {
  /** Where the remote is. */
  readonly place: string;
  readonly account: string;
}

/** How to mend what a provider says, as a piece of a sentence. */
export function mendOf(error: unknown, section: ProviderConfig): string {
  return knownMendOf(error, section) ?? named('see its log, and correct {place}', section);
}

/** Undefined where the error does not tell. */
export function knownMendOf(error: unknown, section: ProviderConfig): string | undefined {
  const mend = codesOf(error)
    .map((code) => MENDS[code])
    .find((found) => found !== undefined);
  return mend && named(mend, section);
}

function named(text: string, section: ProviderConfig): string {
  const { place, account } = NAMES[section.type] ?? { place: 'url', account: 'its credentials' };
  const where = `${place} (${placeOf(section)})`;
  return text.replaceAll('{place}', where).replaceAll('{account}', account);
}

const NAMES: Readonly<Record<string, Names>> = {
  ovirt: { place: 'url', account: 'username (with its @profile) and password' },
  hetzner: { place: 'baseUrl', account: 'apiToken' },
  opennebula: { place: 'url', account: 'session' },
  bmc: { place: 'hosts', account: 'username and password' },
  proxmox: { place: 'url', account: 'token, or username and password' },
  websockify: { place: 'path', account: 'path' },
};

const NAME_SERVER = 'correct the host in {place}, or the name server';
const OTHER_SERVICE =
  'something else answers there: correct host, port and http or https of {place}';
const TRUST =
  'name the CA that signed it in caFile, or its fingerprint: openssl s_client -connect HOST:PORT | openssl x509 -noout -fingerprint -sha256';
const CLOCK = "renew the certificate, or correct this machine's clock";

/** By the code of the system, of TLS or of RemoteFault. */
const MENDS: Readonly<Record<string, string>> = {
  ENOTFOUND: NAME_SERVER,
  EAI_AGAIN: NAME_SERVER,
  ECONNREFUSED: 'start it, or correct host and port of {place}',
  EHOSTUNREACH: 'correct {place}, or the route and firewall between',
  ENETUNREACH: 'correct {place}, or the route and firewall between',
  ETIMEDOUT: 'correct {place}, or the route and firewall between',
  UND_ERR_CONNECT_TIMEOUT: 'correct {place}, or the route and firewall between',
  UND_ERR_SOCKET: 'it ends connections: correct http or https, and the port, of {place}',
  ECONNRESET: 'it ends connections: correct http or https, and the port, of {place}',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what answers does not speak TLS: correct the port of {place}',
  EPROTO: 'what answers does not speak TLS as it should: correct the port of {place}',
  DEPTH_ZERO_SELF_SIGNED_CERT: TRUST,
  SELF_SIGNED_CERT_IN_CHAIN: TRUST,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST,
  UNABLE_TO_GET_ISSUER_CERT: TRUST,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST,
  CERT_SIGNATURE_FAILURE: TRUST,
  ERR_TLS_CERT_ALTNAME_INVALID:
    'write the name that is in the certificate into {place}, or take its fingerprint',
  CERT_HAS_EXPIRED: CLOCK,
  CERT_NOT_YET_VALID: CLOCK,
  FINGERPRINT:
    'if the certificate was renewed, correct fingerprint; if not, somebody is in between',
  LATE: 'see how busy it is, raise timeout where there is one, or correct {place}',
  WEB_PAGE: 'what answers is made for people, such as a sign-in page or a proxy: correct {place}',
  FOREIGN: OTHER_SERVICE,
  NO_SUCH_PATH: 'correct the path in {place}',
  FAILING: 'see its own log',
  SEARCH: 'correct search, as the search of its own pages takes it',
  CREDENTIALS: 'correct {account}, which may have expired or been changed',
  TOKEN: 'compare the clocks, and look for a proxy that takes the header Authorization away',
  PERMISSION: 'give the account of {account} the permissions that docs/providers names',
  ENOENT: 'make it, or correct {place}',
  ENOTDIR: 'correct {place}',
  EACCES: `let the gateway's user (here uid ${process.getuid?.() ?? 'unknown'}) read it`,
};

/** Of the error and its causes, the outermost first. */
function codesOf(error: unknown): string[] {
  const found: string[] = [];
  for (let one = error; one instanceof Error && found.length < 8; one = one.cause) {
    found.push(codeOf(one) ?? '');
  }
  return found;
}

/** Without credentials, which a URL here cannot have. */
function placeOf(section: ProviderConfig): string {
  if ('url' in section) return section.url.href;
  if ('baseUrl' in section) return section.baseUrl.href;
  return 'path' in section ? section.path : section.id;
}
