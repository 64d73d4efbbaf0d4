import { type Document, LineCounter, isMap, isNode, isScalar } from 'yaml';
import { ConfigError } from '../../../config.ts';
import { faultsOf } from '../../../config/config-error.ts';
import { parseYaml } from '../../../config/parse-yaml.ts';
import type { Notes, Place } from '../notes.ts';
import { expandHome, readSource } from '../source-text.ts';
import { type NojavaSettings, nojavaFile } from './schema.ts';

export const NOJAVA_FILE = '~/.nojava-ipmi-kvmrc.yaml';

/** A key that stands in the file, for a host or for its template. */
interface WrittenKey {
  readonly key: keyof NojavaSettings;
  /** As it is told: `template.key`. */
  readonly name: string;
  readonly place: Place;
}

export interface NojavaHost {
  /** As its users call it. */
  readonly name: string;
  readonly hostname: string;
  /** Its own and its template's. */
  readonly settings: NojavaSettings;
  readonly written: readonly WrittenKey[];
  readonly place: Place;
}

/** Settings of all hosts, and what is there instead. */
const GENERAL = {
  run_docker_with_sudo: 'there is no container engine to tell of',
  java_docker_image: 'there is no container engine to tell of',
  html5_docker_image: 'there is no container engine to tell of',
  x_resolution: 'a screen has the size of the page that shows it',
} as const;

/**
 * The hosts of a nojava-ipmi-kvm's file, each with its own keys and its template's.
 *
 * @throws ConfigError naming each wrong key and its line.
 */
export function readNojava(notes: Notes, path: string): readonly NojavaHost[] {
  const source = readSource(expandHome(path), notes);
  const { file } = source;
  const lines = new LineCounter();
  const document = parseYaml(source, { version: '1.1', lineCounter: lines });
  const placeOf = (...keys: readonly string[]): Place => ({
    file,
    line: lineOf(document, lines, keys),
  });
  const { general, templates, hosts } = parse(document, placeOf);
  for (const [key, why] of Object.entries(GENERAL)) {
    if (general?.[key as keyof typeof GENERAL] == null) continue;
    notes.add(placeOf('general', key), key, why);
  }
  const used = new Set<string>();
  const read = Object.entries(hosts).map(([name, { based_on: basis, ...own }]): NojavaHost => {
    const place = placeOf('hosts', name);
    const template = basis == null ? undefined : templates?.[basis];
    if (basis != null) used.add(basis);
    if (basis != null && !template) {
      notes.add(placeOf('hosts', name, 'based_on'), name, `there is no template ${basis}`);
    }
    const settings = { ...template, ...own };
    if (settings.full_hostname == null) {
      const message = 'expected the full name of the host';
      throw new ConfigError(file, [
        { path: `line ${place.line}, hosts.${name}.full_hostname`, message },
      ]);
    }
    const written = keysOf(settings).map((key) => {
      const [of, holder] = key in own ? ['hosts', name] : ['templates', basis ?? ''];
      return { key, name: `${holder}.${key}`, place: placeOf(of, holder, key) };
    });
    return { name, hostname: settings.full_hostname, settings, written, place };
  });
  for (const name of Object.keys(templates ?? {}).filter((each) => !used.has(each))) {
    notes.add(placeOf('templates', name), name, 'no host is based on it');
  }
  return read;
}

function parse(document: Document, placeOf: (...keys: readonly string[]) => Place) {
  const parsed = nojavaFile.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) =>
    faultsOf(issue).map(({ path: key, message }) => {
      const { line } = placeOf(...issue.path.map(String), key.split('.').at(-1) ?? '');
      return { path: line === undefined ? key : `line ${line}, ${key}`, message };
    }),
  );
  throw new ConfigError(placeOf().file, faults);
}

function keysOf(settings: NojavaSettings): readonly (keyof NojavaSettings)[] {
  const keys = Object.keys(settings) as (keyof NojavaSettings)[];
  return keys.filter((key) => settings[key] != null);
}

/** Of the innermost of these keys that is there. */
function lineOf(
  { contents }: Document,
  lines: LineCounter,
  keys: readonly string[],
): number | undefined {
  let node: unknown = contents;
  let line: number | undefined;
  for (const name of keys) {
    const pair = isMap(node) ? node.items.find(({ key }) => textOf(key) === name) : undefined;
    if (pair && isNode(pair.key) && pair.key.range) line = lines.linePos(pair.key.range[0]).line;
    node = pair?.value;
  }
  return line;
}

function textOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}
