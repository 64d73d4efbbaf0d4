import { readFileSync } from 'node:fs';
import type { FieldError } from '../errors.ts';
import { SECRET_MARK } from '../providers/config-fields.ts';

/** The part of JSON Schema that zod's `toJSONSchema` makes of the config's schema. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly required?: readonly string[];
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly [SECRET_MARK]?: boolean;
}

type Tree = Record<string, unknown>;

const FILE_SUFFIX = 'File';

/** `tokenTtl` → `TOKEN_TTL` */
function snake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}

function scalar(node: SchemaNode, text: string): unknown {
  if (node.type === 'integer' || node.type === 'number') {
    const value = Number(text);
    // What is no number may be a word that is allowed beside numbers; else the schema says so.
    return text.trim() === '' || Number.isNaN(value) ? text : value;
  }
  if (node.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** A child to descend into: its key, its schema, and what is left of the variable's name. */
function* children(node: SchemaNode, rest: string): Generator<[string, SchemaNode, string]> {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const known = snake(name);
    if (rest === known) yield [name, child, ''];
    if (rest.startsWith(`${known}_`)) yield [name, child, rest.slice(known.length + 1)];
    if (child[SECRET_MARK] && rest === `${known}_FILE`) {
      yield [name + FILE_SUFFIX, { type: 'string' }, ''];
    }
  }
  const [first = '', ...others] = rest.split('_');
  if (first === '') return;
  if (node.items && /^\d{1,3}$/.test(first)) yield [first, node.items, others.join('_')];
  if (typeof node.additionalProperties === 'object') {
    yield [first.toLowerCase(), node.additionalProperties, others.join('_')];
  }
}

function branches(node: SchemaNode): readonly SchemaNode[] {
  return node.anyOf ?? node.oneOf ?? [node];
}

/** The path in the config that a variable names, with the schema at its end. */
function locate(schema: SchemaNode, rest: string): [string[], SchemaNode] | undefined {
  for (const node of branches(schema)) {
    if (rest === '') {
      if (!node.properties && !node.items) return [[], node];
      continue;
    }
    for (const [key, child, remaining] of children(node, rest)) {
      const found = locate(child, remaining);
      if (found) return [[key, ...found[0]], found[1]];
    }
  }
  return undefined;
}

function place(tree: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const index = /^\d+$/.test(key);
  if (index && (tree === undefined || Array.isArray(tree))) {
    const list: unknown[] = tree ? [...tree] : [];
    list[Number(key)] = place(list[Number(key)], rest, value);
    return list;
  }
  const node: Tree = tree !== null && typeof tree === 'object' ? { ...tree } : {};
  node[key] = place(node[key], rest, value);
  return node;
}

/**
 * Lays `RACKSIDE_…` variables over the file's tree: `RACKSIDE_CONSOLES_TOKEN_TTL` is
 * `consoles.tokenTtl`, `RACKSIDE_LOCATIONS_DEFAULT_GUACD_0_HOST` is `locations.default.guacd.0.host`.
 */
export function overlayEnvironment(
  tree: unknown,
  schema: SchemaNode,
  env: NodeJS.ProcessEnv,
  prefix: string,
): { tree: unknown; errors: FieldError[] } {
  const errors: FieldError[] = [];
  let result = tree;
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(prefix) || text === undefined) continue;
    const found = locate(schema, name.slice(prefix.length));
    if (found) result = place(result, found[0], scalar(found[1], text));
    else errors.push({ path: name, message: 'unknown environment variable, no such setting' });
  }
  return { tree: result, errors };
}

/**
 * Replaces `<name>File` beside each secret field by the file's content without its last line end.
 */
export function readSecretFiles(
  tree: unknown,
  schema: SchemaNode,
  path: readonly string[] = [],
): { tree: unknown; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const descend = (child: unknown, node: SchemaNode, key: string): unknown => {
    const result = readSecretFiles(child, node, [...path, key]);
    errors.push(...result.errors);
    return result.tree;
  };
  if (Array.isArray(tree)) {
    const items = branches(schema).find((node) => node.items)?.items;
    return {
      tree: items ? tree.map((item, index) => descend(item, items, String(index))) : tree,
      errors,
    };
  }
  if (tree === null || typeof tree !== 'object') return { tree, errors };
  const node = branches(schema).find((branch) => fits(branch, tree as Tree));
  const result: Tree = {};
  for (const [key, value] of Object.entries(tree as Tree)) {
    const base = key.slice(0, -FILE_SUFFIX.length);
    if (key.endsWith(FILE_SUFFIX) && node?.properties?.[base]?.[SECRET_MARK]) {
      const { content, fault } = readSecret(value);
      if (content === undefined || base in tree) {
        const message = base in tree ? `set ${base} or ${key}, not both` : `cannot be read${fault}`;
        errors.push({ path: [...path, key].join('.'), message });
      } else result[base] = content;
      continue;
    }
    const child = node?.properties?.[key] ?? node?.additionalProperties;
    result[key] = typeof child === 'object' ? descend(value, child, key) : value;
  }
  return { tree: result, errors };
}

/** The branch of a union that a tree belongs to: the one that agrees on the constants that it needs. */
function fits({ properties = {}, required = [] }: SchemaNode, tree: Tree): boolean {
  return Object.entries(properties)
    .filter(([key]) => required.includes(key) || key in tree)
    .every(([key, child]) => !('const' in child) || child.const === tree[key]);
}

/** The fault names no file: somebody may have written the secret itself in its place. */
function readSecret(file: unknown): { content?: string; fault: string } {
  if (typeof file !== 'string') return { fault: ': expected the name of a file' };
  try {
    return { content: readFileSync(file, 'utf8').replace(/\r?\n$/, ''), fault: '' };
  } catch (error) {
    return { fault: ` (${(error as NodeJS.ErrnoException).code})` };
  }
}
