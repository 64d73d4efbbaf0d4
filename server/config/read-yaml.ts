import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';
import { parseYaml } from './parse-yaml.ts';

/**
 * What a YAML file holds; an empty one is an empty object.
 *
 * @throws ConfigError when it cannot be read, or is no YAML.
 */
export function readYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(file, [{ path: '', message: `cannot be read: ${String(cause)}` }]);
  }
  return (parseYaml({ file, text }).toJS() as unknown) ?? {};
}
