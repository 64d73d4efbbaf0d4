import { print, printable } from './print.ts';

const GAP = '  ';

/**
 * Rows under their headings in columns on a terminal; in a pipe the rows alone, fields separated by
 * one tab.
 */
export function printTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const cells = rows.map((row) => row.map(printable));
  if (!process.stdout.isTTY) {
    for (const row of cells) print(row.join('\t'));
    return;
  }
  const all = [headings, ...cells];
  const widths = headings.map((_, column) =>
    Math.max(...all.map((row) => [...(row[column] ?? '')].length)),
  );
  for (const row of all) {
    const padded = row.map(
      (cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length),
    );
    print(padded.join(GAP).trimEnd());
  }
}
