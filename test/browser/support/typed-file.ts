import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../support/until.ts';

/** The content of a file that a command in the machine's shell makes, once it ends with a line end. */
export function typedFile(machine: { readonly home: string }, name: string): Promise<string> {
  const read = async () => {
    const text = await readFile(join(machine.home, name), 'utf8');
    return text.endsWith('\n') && text;
  };
  return until(read, { timeout: 10_000, what: `the file ${name}` });
}
