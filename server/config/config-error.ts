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

const KEY = /^[A-Za-z][\w.-]*$/;

/**
 * One fault a key, so that each unknown key is named by its own path. What cannot have been meant as a
 * key is a piece of a value that YAML has cut, perhaps of a secret: it is not shown.
 */
export function faultsOf(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys' && issue.keys.some((key) => !KEY.test(key))) {
    const message =
      'holds a key that cannot be one: put quotes around values with commas or colons';
    return [{ path: issue.path.join('.'), message }];
  }
  const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
  return keys.map((key) => ({
    path: [...issue.path, ...(key === undefined ? [] : [key])].join('.'),
    message: lowerFirst(issue.message),
  }));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
