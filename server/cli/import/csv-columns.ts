import { GUACD_PROTOCOLS, type GuacdProtocol } from '../../providers/provider.ts';

/** What a column is about. `kind` is null where it is about the console that the row says. */
export type Field =
  | { readonly of: 'machine'; readonly key: string }
  | { readonly of: 'kind' }
  | { readonly of: 'wakeOnLan'; readonly key: string }
  | { readonly of: 'console'; readonly kind: GuacdProtocol | null; readonly key: string }
  | { readonly of: 'param'; readonly kind: GuacdProtocol; readonly key: string }
  | { readonly of: 'nothing' };

export interface Column {
  /** As the table has it. */
  readonly title: string;
  readonly field: Field;
}

/** Titles without spaces, punctuation and case, and what else people call the same. */
const MACHINE: Readonly<Record<string, string>> = {
  ...{ id: 'id', name: 'name', owner: 'owner', customer: 'owner', location: 'location' },
  ...{ type: 'type', labels: 'labels', label: 'labels', tags: 'labels', groups: 'labels' },
};
const CONSOLE: Readonly<Record<string, string>> = {
  ...{ host: 'host', hostname: 'host', address: 'host', ip: 'host', ipaddress: 'host' },
  ...{ port: 'port', username: 'username', user: 'username', login: 'username' },
  ...{ password: 'password', pass: 'password', passphrase: 'passphrase' },
  ...{ privatekeyfile: 'privateKeyFile', keyfile: 'privateKeyFile', privatekey: 'privateKey' },
};
const WAKE_ON_LAN: Readonly<Record<string, string>> = {
  ...{ mac: 'mac', macaddress: 'mac', wakeonlanmac: 'mac' },
  ...{ broadcast: 'broadcast', wakeonlanbroadcast: 'broadcast' },
};
const KIND = new Set(['kind', 'protocol', 'console']);

const OF_A_KIND = new RegExp(
  String.raw`^(${GUACD_PROTOCOLS.join('|')})[\s._-]*(params?[\s._-]+)?(.+)$`,
);

export function columnsOf(titles: readonly string[]): readonly Column[] {
  return titles.map((title) => ({ title: title.trim(), field: fieldOf(title) }));
}

/** Two columns of the same meaning; the later one's title. */
export function repeatedColumn(columns: readonly Column[]): string | undefined {
  const seen = new Set<string>();
  for (const { title, field } of columns) {
    const meaning = JSON.stringify(field);
    if (field.of !== 'nothing' && seen.has(meaning)) return title;
    seen.add(meaning);
  }
  return undefined;
}

function fieldOf(title: string): Field {
  const text = title.trim().toLowerCase();
  const [, word, params, rest = ''] = OF_A_KIND.exec(text) ?? [];
  const kind = GUACD_PROTOCOLS.find((one) => one === word);
  if (kind && params !== undefined) return { of: 'param', kind, key: rest };
  const plain = (kind ? rest : text).replace(/[^a-z0-9]/g, '');
  const key = valueOf(CONSOLE, plain);
  if (key !== undefined) return { of: 'console', kind: kind ?? null, key };
  if (kind) return { of: 'nothing' };
  const machine = valueOf(MACHINE, plain);
  if (machine !== undefined) return { of: 'machine', key: machine };
  const wake = valueOf(WAKE_ON_LAN, plain);
  if (wake !== undefined) return { of: 'wakeOnLan', key: wake };
  return KIND.has(plain) ? { of: 'kind' } : { of: 'nothing' };
}

function valueOf(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
