import { type Socket, connect, isIP } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { Client, type Entry, Filter, ResultCodeError } from 'ldapts';
import type { Secret } from '../../secret.ts';

/** Where a directory is, and how to get to it. */
export interface LdapTarget {
  /** ldap: or ldaps:, scheme, host and port. */
  readonly url: URL;
  readonly startTls: boolean;
  /** PEM; absent: what Node trusts. */
  readonly ca?: string | undefined;
  /** Seconds for all that is done on one connection. */
  readonly timeout: number;
}

export interface LdapEntry {
  readonly dn: string;
  /** Of an attribute that was asked for; none where the entry has none. */
  values(attribute: string): string[];
  /** What stays the same whatever the entry is called or wherever it moves; null where none has come. */
  readonly id: string | null;
}

/**
 * What a server answers to a bind whose name or password does not hold: result codes of RFC 4511
 * appendix A.2 (invalidCredentials, inappropriateAuthentication, noSuchObject, and what servers say
 * of accounts that are locked or have no password).
 */
const REFUSED = new Set([49, 48, 32, 34, 50, 53, 19]);

/**
 * An entry's lasting id, by the server: RFC 4530 (OpenLDAP, 389 calls its own nsUniqueId), Active
 * Directory's, eDirectory's, FreeIPA's.
 */
export const ID_ATTRIBUTES = ['entryUUID', 'objectGUID', 'nsUniqueId', 'GUID', 'ipaUniqueID'];
/** Those that are bytes. */
const BINARY_IDS = ['objectGUID', 'GUID'];

/** One connection to a directory, for one sign-in. The only importer of ldapts. */
export class LdapConnection {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  /**
   * Connects, works and hangs up, within the target's time-out.
   *
   * @throws whatever the network, TLS or the server has against it.
   */
  static async use<T>(
    target: LdapTarget,
    work: (connection: LdapConnection) => Promise<T>,
  ): Promise<T> {
    const { url, startTls, ca, timeout } = target;
    const sockets: Socket[] = [];
    // ldapts connects anew by itself when the server hangs up: as nobody, and without the TLS that
    // was negotiated. The next password would go over such a line.
    const once = <Open extends (...args: never[]) => Socket>(open: Open): Open => {
      let opened = false;
      return ((...args) => {
        if (opened) throw new Error('the server has hung up');
        opened = true;
        const socket = open(...args);
        sockets.push(socket);
        return socket;
      }) as Open;
    };
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const tls: ConnectionOptions = { host, minVersion: 'TLSv1.2', ...(ca ? { ca } : {}) };
    const milliseconds = timeout * 1000;
    const client = new Client({
      url: url.href,
      connectTimeout: milliseconds,
      timeout: milliseconds,
      createConnection: once(connect),
      createSecureConnection: once(connectTls),
      ...(url.protocol === 'ldaps:' ? { tlsOptions: tls } : {}),
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${timeout} s`)), milliseconds);
    });
    const all = async (): Promise<T> => {
      if (startTls) await client.startTLS({ ...tls, servername: isIP(host) === 0 ? host : '' });
      const result = await work(new LdapConnection(client));
      await client.unbind();
      return result;
    };
    try {
      return await Promise.race([all(), late]);
    } finally {
      clearTimeout(timer);
      for (const socket of sockets) socket.on('error', () => undefined).destroy();
    }
  }

  /** As a service account; without a DN, as nobody. @throws when it is refused. */
  async bind(dn: string | undefined, password: Secret | undefined): Promise<void> {
    if (dn !== undefined) await this.#client.bind(dn, password?.reveal() ?? '');
  }

  /** Whether this is the password of the entry. An empty one never is (RFC 4513 section 5.1.2). */
  async isPassword(dn: string, password: string): Promise<boolean> {
    if (password === '') return false;
    try {
      await this.#client.bind(dn, password);
      return true;
    } catch (error) {
      if (error instanceof ResultCodeError && REFUSED.has(error.code)) return false;
      throw error;
    }
  }

  /**
   * All entries under `base` that a filter finds; `{key}` in it stands for the value of `key`, whatever
   * is in that.
   */
  async search(
    base: string,
    filter: string,
    values: Readonly<Record<string, string>>,
    attributes: readonly string[],
    scope: 'sub' | 'base' = 'sub',
  ): Promise<LdapEntry[]> {
    const filled = filter.replaceAll(/\{(\w+)\}/g, (placeholder, key: string) => {
      const value = values[key];
      return value === undefined ? placeholder : Filter.escape(value);
    });
    const { searchEntries } = await this.#client.search(base, {
      scope,
      filter: filled,
      attributes: [...attributes],
      explicitBufferAttributes: BINARY_IDS,
    });
    return searchEntries.map(entryOf);
  }
}

function entryOf(entry: Entry): LdapEntry {
  const found = new Map(Object.entries(entry).map(([name, value]) => [name.toLowerCase(), value]));
  const ids = ID_ATTRIBUTES.flatMap((attribute) => found.get(attribute.toLowerCase()) ?? []);
  const [id] = ids.filter((value) => value.length > 0);
  return {
    dn: entry.dn,
    values: (attribute) =>
      [found.get(attribute.toLowerCase()) ?? []].flat().map((value) => value.toString()),
    id: id === undefined ? null : Buffer.isBuffer(id) ? id.toString('hex') : id,
  };
}
