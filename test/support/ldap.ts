import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'ldapts';
import { childEnvironment } from '../../server/platform/child-process.ts';
import { answers, freePort } from '../../server/platform/ports.ts';
import { makeCertificate } from './certificate.ts';
import { logBook } from './log-book.ts';
import { ServerProcess } from './server-process.ts';
import { until } from './until.ts';

const run = promisify(execFile);

export const SUFFIX = 'dc=example,dc=org';
export const PEOPLE = `ou=people,${SUFFIX}`;
export const GROUPS = `ou=groups,${SUFFIX}`;

export interface LdapPeer extends ServerProcess {
  /** Unencrypted, and with StartTLS. */
  readonly url: string;
  readonly ldapsUrl: string;
  /** PEM of the one certificate, which is for the address 127.0.0.1 and not for a name. */
  readonly ca: string;
  /** May read everything; nobody else may read anything. */
  readonly service: { readonly bindDn: string; readonly bindPassword: string };
  readonly passwordOf: (uid: string) => string;
  /** Deletes somebody's entry, and makes one for a namesake of theirs with the same password. */
  readonly replace: (uid: string) => Promise<void>;
}

/** A person of the directory: by uid, with the groups by cn. */
export type People = Readonly<Record<string, readonly string[]>>;

/**
 * A real slapd with its own configuration, database and certificate. As some directories do, it takes
 * a bind without a password for one of nobody in particular, and calls that a success.
 */
export async function startLdap(people: People): Promise<LdapPeer> {
  const password = () => logBook.secret(randomBytes(12).toString('base64url'));
  const passwords = new Map(Object.keys(people).map((uid) => [uid, password()]));
  const service = { bindDn: `cn=rackside,${SUFFIX}`, bindPassword: password() };
  const manager = { dn: `cn=manager,${SUFFIX}`, password: password() };
  const tlsPort = await freePort();
  const { key, cert: ca } = await makeCertificate();
  let made = false;
  const server = await ServerProcess.start({
    name: 'slapd',
    async spec(port, dir) {
      const conf = join(dir, 'slapd.conf');
      // The database outlives a restart.
      if (!made) {
        await mkdir(join(dir, 'db'));
        await writeFile(join(dir, 'key.pem'), key, { mode: 0o600 });
        await writeFile(join(dir, 'cert.pem'), ca);
        await writeFile(conf, configuration(dir, service.bindDn, manager));
        const data = join(dir, 'data.ldif');
        await writeFile(data, ldif(people, passwords, service.bindPassword), { mode: 0o600 });
        await run('/usr/sbin/slapadd', ['-f', conf, '-l', data]);
        made = true;
      }
      const urls = `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${tlsPort}`;
      return {
        command: '/usr/sbin/slapd',
        args: ['-d', 'none', '-f', conf, '-h', urls],
        env: childEnvironment(),
        cwd: dir,
      };
    },
    ready: (port, child) =>
      until(() => answers({ host: '127.0.0.1', port }), {
        timeout: 10_000,
        what: 'slapd to listen',
        child,
      }),
  });
  return Object.assign(server, {
    url: `ldap://127.0.0.1:${server.port}`,
    ldapsUrl: `ldaps://127.0.0.1:${tlsPort}`,
    ca,
    service,
    passwordOf: (uid: string) => passwords.get(uid) ?? '',
    replace: async (uid: string) => {
      const client = new Client({ url: `ldap://127.0.0.1:${server.port}` });
      await client.bind(manager.dn, manager.password);
      const dn = `uid=${uid},${PEOPLE}`;
      await client.del(dn);
      await client.add(dn, {
        objectClass: 'inetOrgPerson',
        ...{ cn: uid, sn: uid, userPassword: passwords.get(uid) ?? '' },
      });
      await client.unbind();
    },
  });
}

function configuration(
  dir: string,
  service: string,
  manager: { dn: string; password: string },
): string {
  const schemas = ['core', 'cosine', 'nis', 'inetorgperson'];
  return [
    ...schemas.map((name) => `include /etc/ldap/schema/${name}.schema`),
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    'moduleload memberof',
    `TLSCertificateFile ${dir}/cert.pem`,
    `TLSCertificateKeyFile ${dir}/key.pem`,
    'allow bind_anon_cred',
    'database mdb',
    `suffix "${SUFFIX}"`,
    `rootdn "${manager.dn}"`,
    `rootpw ${manager.password}`,
    `directory ${dir}/db`,
    'maxsize 10485760',
    'overlay memberof',
    'access to attrs=userPassword by anonymous auth by * none',
    `access to * by dn.exact="${service}" read by anonymous auth by * none`,
    '',
  ].join('\n');
}

function ldif(people: People, passwords: Map<string, string>, servicePassword: string): string {
  const dnOf = (uid: string): string => `uid=${uid},${PEOPLE}`;
  const groups = [...new Set(Object.values(people).flat())];
  const entries = [
    [`dn: ${SUFFIX}`, 'objectClass: dcObject', 'objectClass: organization', 'o: example'],
    [`dn: ${PEOPLE}`, 'objectClass: organizationalUnit'],
    [`dn: ${GROUPS}`, 'objectClass: organizationalUnit'],
    [
      `dn: cn=rackside,${SUFFIX}`,
      'objectClass: organizationalRole',
      'objectClass: simpleSecurityObject',
      `userPassword: ${servicePassword}`,
    ],
    ...Object.entries(people).map(([uid, memberOf]) => [
      `dn: ${dnOf(uid)}`,
      'objectClass: inetOrgPerson',
      `cn: ${uid}`,
      `sn: ${uid}`,
      `mail: ${uid}@example.org`,
      `userPassword: ${passwords.get(uid)}`,
      ...memberOf.map((group) => `memberOf: cn=${group},${GROUPS}`),
    ]),
    ...groups.map((group) => [
      `dn: cn=${group},${GROUPS}`,
      'objectClass: groupOfNames',
      ...Object.entries(people)
        .filter(([, memberOf]) => memberOf.includes(group))
        .map(([uid]) => `member: ${dnOf(uid)}`),
    ]),
  ];
  return entries.map((lines) => `${lines.join('\n')}\n\n`).join('');
}
