import { readFileSync } from 'node:fs';
import { YAMLParseError, parse } from 'yaml';
import { ConfigError } from './config-error.ts';

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
  try {
    return (parse(text) as unknown) ?? {};
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new ConfigError(file, [{ path: '', message: `is no valid YAML: ${error.message}` }]);
  }
}
