import { z } from 'zod';
import { CLI_PREFIX } from './config/cli-settings.ts';
import { ConfigError, faultsOf } from './config/config-error.ts';
import { readYaml } from './config/read-yaml.ts';
import { type Config, configSchema } from './config/schema.ts';
import { type SchemaNode, overlayEnvironment, readSecretFiles } from './config/sources.ts';
import type { FieldError } from './errors.ts';

export { type CliSettings, loadCliSettings, loadGatewayUrl } from './config/cli-settings.ts';
export { ConfigError } from './config/config-error.ts';
export type { Config } from './config/schema.ts';

const PREFIX = 'RACKSIDE_';

/**
 * The configuration from a YAML file, `RACKSIDE_…` variables over it, and secrets from files. With
 * no file the defaults and the variables alone. The CLI's own variables are none of the gateway's.
 *
 * @throws ConfigError naming every fault.
 */
export function loadConfig(file: string | undefined, env: NodeJS.ProcessEnv = process.env): Config {
  const written = file === undefined ? {} : readYaml(file);
  return loadTree(written, file ?? 'the configuration', env);
}

/**
 * The configuration that a file with this content would be.
 *
 * @throws ConfigError naming every fault.
 */
export function loadTree(
  written: unknown,
  source: string,
  env: NodeJS.ProcessEnv = process.env,
): Config {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  const own = Object.entries(env).filter(([name]) => !name.startsWith(CLI_PREFIX));
  const overlaid = overlayEnvironment(
    written,
    schema as SchemaNode,
    Object.fromEntries(own),
    PREFIX,
  );
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
  const found = parsed.success ? [] : parsed.error.issues.flatMap(faultsOf);
  // A secret whose file cannot be read is not missing as well.
  const unread = new Set(earlier.map(({ path }) => path));
  const faults = [...earlier, ...found.filter(({ path }) => !unread.has(`${path}File`))];
  if (faults.length > 0 || !parsed.success) throw new ConfigError(source, faults);
  return parsed.data;
}
