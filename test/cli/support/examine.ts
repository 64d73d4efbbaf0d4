import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CliOptions, runCli } from './run-cli.ts';

export interface Examined {
  readonly code: number | null;
  readonly lines: string[];
  /** Those that are not `ok`. */
  readonly troubles: string[];
}

/** `rackside doctor` with this configuration, in a file of this folder. */
export async function examine(
  folder: string,
  config: object,
  options: CliOptions = {},
): Promise<Examined> {
  const file = join(folder, 'rackside.yaml');
  await writeFile(file, JSON.stringify(config));
  const { code, stdout, stderr } = await runCli(['doctor', '--config', file], options);
  assert.equal(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  return { code, lines, troubles: lines.filter((line) => !line.startsWith('ok ')) };
}

/** The one line that says what is wrong. */
export function onlyTrouble({ code, troubles }: Examined): string {
  const wrong = troubles.filter((line) => line.startsWith('wrong  '));
  assert.deepEqual([code, wrong.length], [1, 1], troubles.join('\n'));
  return wrong[0] ?? '';
}
