import type { Operation } from '../contract/index.ts';

export interface FoundOperation {
  readonly name: string;
  readonly operation: Operation;
}

/** Finds the operation of the table that a request means; HEAD is a GET. */
export function operationFinder(
  operations: Readonly<Record<string, Operation>>,
): (method: string, path: string) => FoundOperation | undefined {
  const known = Object.entries(operations).map(([name, operation]) => ({
    name,
    operation,
    pattern: new RegExp(`^${operation.path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`, 'i'),
  }));
  return (asked, path) => {
    const method = asked === 'HEAD' ? 'GET' : asked;
    return known.find(
      ({ operation, pattern }) => operation.method === method && pattern.test(path),
    );
  };
}
