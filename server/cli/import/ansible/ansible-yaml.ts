import {
  type Document,
  LineCounter,
  type ScalarTag,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
} from 'yaml';
import { ConfigError } from '../../../config.ts';
import { parseYaml } from '../../../config/parse-yaml.ts';
import type { SourceText } from '../source-text.ts';
import { type Variable, type Variables, VAULTED } from './inventory.ts';

const TAGS: ScalarTag[] = [
  { tag: '!vault', resolve: () => VAULTED },
  { tag: '!vault-encrypted', resolve: () => VAULTED },
  { tag: '!unsafe', resolve: (text) => text },
];

/** A mapping's keys in order, each with its value as a node or plain, and the line that it stands in. */
export interface Entry {
  readonly key: string;
  readonly node: unknown;
  readonly line: number | undefined;
}

/** YAML as Ansible reads it, which is YAML 1.1, with the lines of its keys. */
export class AnsibleYaml {
  readonly file: string;
  readonly #document: Document;
  readonly #lines: LineCounter;
  /** Mappings that are being merged into another now. */
  readonly #merging = new Set<unknown>();

  /** @throws ConfigError for what is no YAML. */
  constructor(source: SourceText) {
    this.file = source.file;
    this.#lines = new LineCounter();
    this.#document = parseYaml(source, {
      ...{ version: '1.1', uniqueKeys: false, merge: true },
      ...{ customTags: TAGS, lineCounter: this.#lines },
    });
  }

  get root(): unknown {
    return this.#document.contents;
  }

  /**
   * Undefined where it is no mapping; a name alone is one with nothing behind it.
   *
   * @throws ConfigError where what is to be merged into it is no mapping.
   */
  entries(written: unknown): readonly Entry[] | undefined {
    const node = this.#resolved(written);
    if (isEmpty(node)) return [];
    if (isScalar(node) && typeof node.value === 'string') return [this.#nameOf(node)];
    if (!isMap(node)) return undefined;
    const merged = node.items.filter(({ key }) => isMergeKey(key));
    const byKey = new Map(
      merged
        .flatMap(({ key, value }) => this.#merged(value, this.#lineOf(key)))
        .map((each) => [each.key, each]),
    );
    for (const { key, value } of node.items) {
      if (isMergeKey(key)) continue;
      const name = keyOf(key);
      byKey.set(name, { key: name, node: value, line: this.#lineOf(key) });
    }
    return [...byKey.values()];
  }

  /** Names one by one; undefined where it is no list. */
  list(written: unknown): readonly Entry[] | undefined {
    const node = this.#resolved(written);
    return isSeq(node) ? node.items.map((item) => this.#nameOf(item)) : undefined;
  }

  /** Undefined where it is no mapping. */
  variables(node: unknown): Variables | undefined {
    const entries = isScalar(node) && !isEmpty(node) ? undefined : this.entries(node);
    return (
      entries &&
      new Map(
        entries.map(({ key, node: value, line }): [string, Variable] => [
          key,
          { value: this.#plain(value), place: { file: this.file, line } },
        ]),
      )
    );
  }

  /** What mappings behind `<<` give to another, those that hold last: of a list the first one's. */
  #merged(written: unknown, line: number | undefined): readonly Entry[] {
    const node = this.#resolved(written);
    const sources = isSeq(node) ? node.items.toReversed() : [node];
    return sources.flatMap((each) => {
      const source = this.#resolved(each);
      if (!isMap(source)) {
        const message = 'expected a mapping, or a list of mappings, behind <<';
        throw new ConfigError(this.file, [{ path: `line ${line}`, message }]);
      }
      // A mapping may stand in itself, by its own anchor.
      if (this.#merging.has(source)) return [];
      this.#merging.add(source);
      const entries = this.entries(source) ?? [];
      this.#merging.delete(source);
      return entries;
    });
  }

  #plain(node: unknown): unknown {
    const value: unknown = isNode(node) ? node.toJS(this.#document) : node;
    if (value === null || typeof value !== 'object') return value;
    // How ansible-inventory --list writes what it may not show.
    if ('__ansible_vault' in value) return VAULTED;
    return '__ansible_unsafe' in value ? value.__ansible_unsafe : value;
  }

  #nameOf(node: unknown): Entry {
    return { key: keyOf(node), node: null, line: this.#lineOf(node) };
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  #lineOf(node: unknown): number | undefined {
    const start = isNode(node) ? node.range?.[0] : undefined;
    return start === undefined ? undefined : this.#lines.linePos(start).line;
  }
}

function keyOf(node: unknown): string {
  return isScalar(node) ? String(node.value) : '';
}

/** Quoted it is a key like any other. */
function isMergeKey(node: unknown): boolean {
  return isScalar(node) && typeof node.value === 'symbol' && node.value.description === '<<';
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}
