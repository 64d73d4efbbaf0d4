import { join } from 'node:path';
import { Secret } from '../../secret.ts';
import type { Value } from './section.ts';

/** A section as YAML has it. */
export type Tree =
  | string
  | number
  | boolean
  | undefined
  | readonly Tree[]
  | { readonly [key: string]: Tree };

export interface SecretFile {
  readonly path: string;
  readonly value: Secret;
}

export interface Placed {
  readonly tree: Tree;
  readonly files: readonly SecretFile[];
}

/** Parameters of guacd's own, which the schema reads from no files. */
const PARAMS = 'params';

/** Where every secret stands in the section itself. */
export function withSecretsInline(value: Value): Tree {
  if (value instanceof Secret) return value.reveal();
  if (isList(value)) return value.map(withSecretsInline);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, withSecretsInline(child)]),
  );
}

/**
 * Where every secret `key`, but for guacd's parameters, is a file of `folder`, named by `keyFile` in its place:
 * `<folder>/desk.ssh.password` is the password of the ssh console of the machine desk.
 */
export function withSecretFiles(section: Value, folder: string): Placed {
  const files: SecretFile[] = [];
  const descend = (value: Value, names: readonly string[]): Tree => {
    if (value === null || typeof value !== 'object') return value;
    if (isList(value)) return value.map((item) => descend(item, [...names, ...nameOf(item)]));
    const entries = Object.entries(value).map(([key, child]): [string, Tree] => {
      if (child instanceof Secret) {
        const path = join(folder, [...names, key].join('.'));
        files.push({ path, value: child });
        return [`${key}File`, path];
      }
      if (key === PARAMS) return [key, withSecretsInline(child)];
      return [key, descend(child, isMachines(key) ? names : [...names, key])];
    });
    return Object.fromEntries(entries);
  };
  return { tree: descend(section, []), files };
}

/** Words that would be in every file's name. */
function isMachines(key: string): boolean {
  return key === 'machines' || key === 'hosts' || key === 'consoles';
}

function nameOf(item: Value): readonly string[] {
  if (item === null || typeof item !== 'object' || !('id' in item)) return [];
  const { id } = item;
  return typeof id === 'string' ? [id] : [];
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** Which secrets a section has: those that can be files of their own, and guacd's parameters. */
export function secretsIn(value: Value, key?: string): ReadonlySet<'fields' | 'params'> {
  if (value instanceof Secret) return new Set([key === PARAMS ? 'params' : 'fields']);
  if (value === null || typeof value !== 'object') return new Set();
  return new Set(
    Object.entries(value).flatMap(([name, child]) => [
      ...secretsIn(child, key === PARAMS ? key : name),
    ]),
  );
}
