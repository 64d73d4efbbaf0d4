import { readFileSync } from 'node:fs';
import { YAMLParseError, parse } from 'yaml';
import { z } from 'zod';
import { type Config, configSchema } from './config/schema.ts';
import { type SchemaNode, overlayEnvironment, readSecretFiles } from './config/sources.ts';
import type { FieldError } from './errors.ts';

export type { Config } from './config/schema.ts';

const PREFIX = 'RACKSIDE_';

/** All that is wrong with a configuration, one line a fault: the key's path, what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(source: string, faults: readonly FieldError[]) {
    const lines = faults.map(({ path, message }) => `  ${path ? `${path}: ` : ''}${message}`);
    super(`${source} cannot be used:\n${lines.join('\n')}`);
  }
}

/**
 * The configuration from a YAML file, `RACKSIDE_…` variables over it, and secrets from files. With
 * no file the defaults and the variables alone.
 *
 * @throws ConfigError naming every fault.
 */
export function loadConfig(file: string | undefined, env: NodeJS.ProcessEnv = process.env): Config {
  const source = file ?? 'the configuration';
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  const written = file === undefined ? {} : readYaml(file);
  const overlaid = overlayEnvironment(written, schema as SchemaNode, env, PREFIX);
  const { tree, errors } = readSecretFiles(overlaid.tree, schema as SchemaNode);
  return parseConfig(tree, source, [...overlaid.errors, ...errors]);
}

/**
 * A configuration from a tree as YAML has it.
 *
 * @throws ConfigError naming every fault, `earlier` ones first.
 */
export function parseConfig(
  tree: unknown,
  source: string,
  earlier: readonly FieldError[] = [],
): Config {
  const parsed = configSchema.safeParse(tree);
  const faults = [...earlier, ...(parsed.success ? [] : parsed.error.issues.flatMap(faultsOf))];
  if (faults.length > 0 || !parsed.success) throw new ConfigError(source, faults);
  return parsed.data;
}

function readYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(file, [{ path: '', message: `cannot be read: ${String(cause)}` }]);
  }
  try {
    return (parse(text) as unknown) ?? {};
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new ConfigError(file, [{ path: '', message: `is no valid YAML: ${error.message}` }]);
  }
}

/** One fault a key, so that each unknown key is named by its own path. */
function faultsOf(issue: z.core.$ZodIssue): FieldError[] {
  const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
  return keys.map((key) => ({
    path: [...issue.path, ...(key === undefined ? [] : [key])].join('.'),
    message: lowerFirst(issue.message),
  }));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
