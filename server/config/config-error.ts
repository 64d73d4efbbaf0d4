import type { z } from 'zod';
import type { FieldError } from '../errors.ts';

/** All that is wrong with a configuration, one line a fault: the key's path, what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly source: string;
  readonly faults: readonly FieldError[];

  constructor(source: string, faults: readonly FieldError[]) {
    const lines = faults.map(({ path, message }) => `  ${path ? `${path}: ` : ''}${message}`);
    super(`${source} cannot be used:\n${lines.join('\n')}`);
    this.source = source;
    this.faults = faults;
  }
}

/** One fault a key, so that each unknown key is named by its own path. */
export function faultsOf(issue: z.core.$ZodIssue): FieldError[] {
  const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
  return keys.map((key) => ({
    path: [...issue.path, ...(key === undefined ? [] : [key])].join('.'),
    message: lowerFirst(issue.message),
  }));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
