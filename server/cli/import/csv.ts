import { CsvError, parse } from 'csv-parse/sync';
import { ConfigError } from '../../config.ts';
import type { FieldError } from '../../errors.ts';
import { faultsOfMachines } from './check-section.ts';
import { type Column, columnsOf, repeatedColumn } from './csv-columns.ts';
import { machineOfRow } from './csv-row.ts';
import { idsOf } from './machine-ids.ts';
import { Notes } from './notes.ts';
import { type Imported, type Machine, staticSection } from './section.ts';
import { readSource } from './source-text.ts';

interface Row {
  readonly cells: readonly string[];
  /** Where it begins, from 1. */
  readonly line: number;
}

/**
 * The machines of a table: a header row names the columns, each other row is a machine.
 *
 * @throws ConfigError naming every wrong row.
 */
export function importCsv(path: string): Imported {
  const notes = new Notes();
  const { file, text } = readSource(path, notes);
  const [header, ...rows] = rowsOf(text, file);
  const columns = columnsOf(header?.cells ?? []);
  const refuse = (message: string): never => {
    throw new ConfigError(file, [{ path: `line ${header?.line ?? 1}`, message }]);
  };
  if (!columns.some(({ field }) => field.of === 'console')) {
    refuse('expected a header row with a column such as host, ssh host or vnc host');
  }
  const repeated = repeatedColumn(columns);
  if (repeated !== undefined) refuse(`the column ${repeated} means what another one means, too`);
  if (rows.length === 0) refuse('expected rows below the header row');
  for (const [at, { field, title }] of columns.entries()) {
    if (field.of !== 'nothing' || rows.every(({ cells }) => !cells[at]?.trim())) continue;
    notes.add({ file, line: header?.line }, title || `column ${at + 1}`, 'is no column of ours');
  }
  return staticSection(machinesOf(rows, columns, file), notes);
}

function machinesOf(
  rows: readonly Row[],
  columns: readonly Column[],
  file: string,
): readonly Machine[] {
  const faults: FieldError[] = [];
  const read = rows.map(({ cells, line }) => {
    const given = columns.flatMap((column, at) => {
      const text = cells[at] ?? '';
      return text.trim() === '' ? [] : [{ ...column, text }];
    });
    const row = { ...machineOfRow(given), line };
    for (const { path, message } of row.errors) {
      faults.push({ path: `line ${line}, ${path}`, message });
    }
    return row;
  });
  faults.push(...repeatedNames(read));
  const whole = read.filter(({ errors }) => errors.length === 0);
  const machines = whole.map(({ id, name, rest }) => ({ id, name, ...rest }));
  for (const { at, path, message } of faultsOfMachines(machines)) {
    const column = path.replace(/^(consoles|wakeOnLan)\./, '').replaceAll('.', ' ');
    faults.push({ path: `line ${whole[at]?.line}, ${column}`, message });
  }
  if (faults.length > 0) throw new ConfigError(file, faults);
  const own = read.flatMap(({ id }) => id ?? []);
  const ids = idsOf(
    read.flatMap(({ id, name }) => (id === undefined ? [name] : [])),
    new Set(own),
  );
  return read.map(({ id, name, rest }) => ({ id: id ?? ids.get(name) ?? name, name, ...rest }));
}

/** Ids, and names of which ids are made, are each row's own. */
function repeatedNames(
  read: readonly { id: string | undefined; name: string; line: number }[],
): readonly FieldError[] {
  const lines = new Map<string, number>();
  return read.flatMap(({ id, name, line }) => {
    const what = id === undefined ? 'name' : 'id';
    const key = `${what} ${id ?? name}`;
    const former = lines.get(key);
    lines.set(key, line);
    if (former === undefined) return [];
    const message = `is that of line ${former}, too: give each row an id of its own`;
    return [{ path: `line ${line}, ${what}`, message }];
  });
}

/** @throws ConfigError for what is no table. */
function rowsOf(text: string, file: string): readonly Row[] {
  // csv-parse counts a CRLF inside of quotes as two lines.
  const lines = text.replace(/\r\n?/g, '\n');
  // Excel's own way to say which separator it wrote.
  const [first = '', said] = /^sep=(.)\n/.exec(lines) ?? [];
  const table = lines.slice(first.length);
  const before = first === '' ? 0 : 1;
  try {
    const records = parse(table, {
      ...{ delimiter: said ?? delimiterOf(table), info: true },
      ...{ skip_empty_lines: true, skip_records_with_empty_values: true },
    }) as unknown as readonly { record: readonly string[]; info: { lines: number } }[];
    return records.map(({ record, info }) => ({
      cells: record,
      line: before + info.lines - record.join('').split('\n').length + 1,
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ConfigError(file, [faultOf(error, before)]);
  }
}

/** The one of the usual separators that the header row has most of. */
function delimiterOf(table: string): string {
  const header = table.trimStart().split('\n', 1)[0] ?? '';
  const bare = header.replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t'].map((one) => ({ one, count: bare.split(one).length }));
  return counts.reduce((most, next) => (next.count > most.count ? next : most)).one;
}

/** csv-parse's own messages show pieces of cells, which may be of passwords. */
const BROKEN: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'has not as many cells as the header row',
  CSV_QUOTE_NOT_CLOSED: 'begins a quoted cell that never ends',
  CSV_INVALID_CLOSING_QUOTE: 'has text behind the quote that ends a cell',
  INVALID_OPENING_QUOTE: 'has a quote inside of a cell: quote the cell, and double the quote in it',
};

function faultOf(error: CsvError, before: number): FieldError {
  const line = typeof error['lines'] === 'number' ? error['lines'] + before : undefined;
  return {
    path: line === undefined ? '' : `line ${line}`,
    message: BROKEN[error.code] ?? `is no valid CSV (${error.code})`,
  };
}
