import type { FieldError } from '../../errors.ts';
import { configId } from '../../providers/config-fields.ts';
import { GUACD_PROTOCOLS, type GuacdProtocol } from '../../providers/provider.ts';
import { Secret } from '../../secret.ts';
import type { Column } from './csv-columns.ts';
import type { Value } from './section.ts';

/** A cell that is not empty. */
export interface Cell extends Column {
  readonly text: string;
}

export interface RowMachine {
  /** Undefined where the row has none. */
  readonly id: string | undefined;
  readonly name: string;
  /** The rest of the machine. */
  readonly rest: Readonly<Record<string, Value>>;
  /** What only a table can have wrong; `path` is the title of its column. */
  readonly errors: readonly FieldError[];
}

type Draft = Record<string, Value>;

const SECRETS: readonly string[] = ['password', 'passphrase', 'privateKey'];
/** guacd's parameters: `gateway-password`, `sftp-private-key`. */
const SECRET_PARAMS = /(^|-)(password|passphrase|private-key)$/;

/** A machine of a row's cells. A host without a kind is where all kinds of the row are. */
export function machineOfRow(cells: readonly Cell[]): RowMachine {
  const rest: Draft = {};
  let id: string | undefined;
  let name: string | undefined;
  const wakeOnLan: Draft = {};
  const consoles = new Map<GuacdProtocol, Draft>();
  const own: Draft = {};
  const errors: FieldError[] = [];
  let kind: GuacdProtocol | undefined;
  const consoleOf = (which: GuacdProtocol): Draft => {
    const draft = consoles.get(which) ?? {};
    consoles.set(which, draft);
    return draft;
  };
  for (const { field, title, text } of cells) {
    if (field.of === 'machine') {
      if (field.key === 'id') id = text.trim();
      else if (field.key === 'name') name = text.trim();
      else rest[field.key] = machineValue(field.key, text);
    } else if (field.of === 'wakeOnLan') {
      wakeOnLan[field.key] = text.trim();
    } else if (field.of === 'kind') {
      kind = GUACD_PROTOCOLS.find((one) => one === text.trim().toLowerCase());
      const message = `expected one of ${GUACD_PROTOCOLS.join(', ')}`;
      if (!kind) errors.push({ path: title, message });
    } else if (field.of === 'param') {
      const draft = consoleOf(field.kind);
      const value = SECRET_PARAMS.test(field.key) ? new Secret(text) : text.trim();
      draft['params'] = { ...(draft['params'] as Draft | undefined), [field.key]: value };
    } else if (field.of === 'console') {
      (field.kind ? consoleOf(field.kind) : own)[field.key] = consoleValue(field.key, text);
    }
  }
  if (kind) Object.assign(consoleOf(kind), { ...own, ...consoles.get(kind) });
  for (const [which, draft] of consoles) {
    if (draft['host'] === undefined) draft['host'] = own['host'];
    if (draft['host'] === undefined) {
      errors.push({ path: `${which} host`, message: 'expected a host name or an address' });
    }
  }
  if (consoles.size === 0 && errors.length === 0) {
    const message =
      'expected a console: a host, and a column kind that says vnc, rdp, ssh or telnet';
    errors.push({ path: 'host', message });
  }
  const idFault = id === undefined ? undefined : configId().safeParse(id).error?.issues[0];
  if (idFault) errors.push({ path: 'id', message: idFault.message });
  const host = own['host'];
  name ??= id ?? (typeof host === 'string' ? host : undefined);
  if (name === undefined) errors.push({ path: 'name', message: 'expected a name or an id' });
  const wakes = Object.keys(wakeOnLan).length > 0;
  return {
    ...{ id, name: name ?? '', errors },
    rest: { ...rest, ...(wakes && { wakeOnLan }), consoles: Object.fromEntries(consoles) },
  };
}

/** Spaces around a password may be meant. A port that is no number is told by the schema. */
function consoleValue(key: string, text: string): Value {
  if (SECRETS.includes(key)) return new Secret(text);
  const trimmed = text.trim();
  return key === 'port' && /^\d+$/.test(trimmed) ? Number(trimmed) : trimmed;
}

function machineValue(key: string, text: string): Value {
  if (key === 'labels') return listOf(text);
  return key === 'type' ? text.trim().toLowerCase() : text.trim();
}

function listOf(text: string): readonly string[] {
  return text
    .split(/[,;|]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
