import { LdapDirectory } from '../../auth/remote/ldap-directory.ts';
import { OidcProvider, reasonOf as oidcReasonOf } from '../../auth/remote/oidc-provider.ts';
import type { Config } from '../../config.ts';
import { type Finding, codeOf, reasonOf } from './finding.ts';

/** Each place outside that knows people: a provider's metadata, a directory by a bind and a look. */
export async function checkSources(config: Config): Promise<Finding[]> {
  return Promise.all([...config.oidc.map(checkOidc), ...config.ldap.map(checkLdap)]);
}

async function checkOidc(source: Config['oidc'][number]): Promise<Finding> {
  const what = `oidc ${source.id}`;
  const { href } = source.issuer;
  const provider = new OidcProvider(source, { redirectUri: '', now: Date.now });
  try {
    await provider.examine();
    return { level: 'ok', what, message: `${href} tells what it can do` };
  } catch (error) {
    const mend = 'correct issuer, or ca where it is not trusted';
    return { level: 'wrong', what, message: `${href}: ${oidcReasonOf(error)}; ${mend}` };
  }
}

async function checkLdap(source: Config['ldap'][number]): Promise<Finding> {
  const what = `ldap ${source.id}`;
  const { href } = source.url;
  try {
    await new LdapDirectory(source).examine();
    return { level: 'ok', what, message: `${href} takes the account and has the bases` };
  } catch (error) {
    const message = `${href}: ${reasonOf(error).split('\n', 1)[0]}; ${mendOf(error)}`;
    return { level: 'wrong', what, message };
  }
}

/** By the system's error code, or by the result code of RFC 4511. */
function mendOf(error: unknown): string {
  return MENDS[codeOf(error) ?? ''] ?? 'correct url, or ca where it is not trusted';
}

const MENDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'start it, or correct url',
  ENOTFOUND: 'correct the host in url',
  EAI_AGAIN: 'correct the host in url, or the name server',
  8: 'it wants encryption: set startTls, or take ldaps://',
  13: 'it wants encryption: set startTls, or take ldaps://',
  32: 'correct userBase or groupBase, or let the account read them',
  34: 'correct bindDn, userBase or groupBase',
  48: 'set bindDn and bindPassword',
  49: 'correct bindDn and bindPassword',
  50: 'let the account read userBase and groupBase',
};
