/** What was measured, as tables: on the terminal, and in docs/benchmarks.md. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { GOALS } from './goals.mjs';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENT = join(ROOT, 'docs/benchmarks.md');
const MARKS = ['<!-- tunnel: written by npm run bench:tunnel -->', '<!-- tunnel: end -->'];
const PEERS = {
  direct: 'direct',
  haproxy: 'HAProxy, TCP',
  stock: 'guacamole-lite',
  plain: 'Node, net to net',
  bare: 'bare Node, ws, Redis',
  gateway: 'Rackside',
};
const WORKERS = { 'one worker': 'one worker', 'two workers': 'two workers' };

/** @param {number[]} values */
function spread(values) {
  const sorted = values.toSorted((one, other) => one - other);
  return { median: sorted[sorted.length >> 1], min: sorted[0], max: sorted.at(-1) };
}

/** Three significant digits. @param {number} value */
function short(value) {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** @param {number[]} values */
function cell(values) {
  if (values.length === 0) return '–';
  const { median, min, max } = spread(values);
  return values.length === 1 ? short(median) : `${short(median)} (${short(min)}–${short(max)})`;
}

const valuesOf = ({ rounds }, read) => rounds.map(read).filter((value) => value !== undefined);

/** @param {Record<string, string>} names of peers; one that was not measured has no column */
function figureTable(results, names) {
  const measured = new Set(
    results.rounds.flatMap((round) => Object.values(round).flatMap(Object.keys)),
  );
  const peers = Object.fromEntries(Object.entries(names).filter(([peer]) => measured.has(peer)));
  const rows = [['', ...Object.values(peers)]];
  const scenarios = new Set(results.rounds.flatMap((round) => Object.keys(round)));
  for (const scenario of scenarios) {
    const figures = new Set(
      results.rounds.flatMap((round) => Object.values(round[scenario]).flatMap(Object.keys)),
    );
    for (const figure of figures) {
      const cells = Object.keys(peers).map((peer) =>
        cell(valuesOf(results, (round) => round[scenario]?.[peer]?.[figure])),
      );
      if (cells.some((each) => each !== '–')) rows.push([`${scenario}: ${figure}`, ...cells]);
    }
  }
  return rows.length > 1 ? rows : [];
}

function judged(results) {
  return GOALS.map((goal) => ({ ...goal, values: valuesOf(results, goal.value) }))
    .filter(({ values }) => values.length > 0)
    .map((goal) => {
      const { median } = spread(goal.values);
      return {
        ...goal,
        met: median >= (goal.least ?? -Infinity) && median <= (goal.most ?? Infinity),
      };
    });
}

function goalTable(results) {
  const rows = judged(results).map(({ name, values, least, most, met }) => [
    name,
    least === undefined ? `≤ ${most}` : `≥ ${least}`,
    cell(values),
    met ? 'met' : 'missed',
  ]);
  return rows.length > 0 ? [['goal', 'wanted', 'measured', ''], ...rows] : [];
}

/** The goals that the median of the rounds does not reach. */
export function missed(results) {
  return judged(results).filter(({ met }) => !met);
}

/** @param {string[][]} rows the first is the head */
function markdown(rows) {
  const [head, ...body] = rows;
  return [head, head.map(() => '---'), ...body].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function tables(results) {
  return [figureTable(results, PEERS), figureTable(results, WORKERS), goalTable(results)].filter(
    (rows) => rows.length > 0,
  );
}

function conditions({ rounds, load }) {
  const version = (command, args) => {
    try {
      return execFileSync(command, args, { encoding: 'utf8' }).split('\n')[0];
    } catch {
      return `no ${command}`;
    }
  };
  const haproxy = version('/usr/sbin/haproxy', ['-v']).replace(/^(\S+ version \S+).*$/, '$1');
  return (
    `${rounds.length} ${rounds.length === 1 ? 'round' : 'rounds'}, median (least–most); ${cpus().length} cores ` +
    `(${cpus()[0].model}), Linux ${release()}, Node ${process.versions.node}, ${haproxy}; ` +
    `load average ${load.map((value) => value.toFixed(1)).join(' before and ')} after.`
  );
}

export function print(results) {
  console.log(conditions(results));
  for (const rows of tables(results)) {
    const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
    console.log('');
    for (const row of rows) {
      console.log(
        row
          .map((each, column) => each.padEnd(widths[column]))
          .join('  ')
          .trimEnd(),
      );
    }
  }
}

/** Between the marks, everything else in the document stays. */
export function writeDocument(results) {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [begin, end] = MARKS.map((mark) => text.indexOf(mark));
  if (begin < 0 || end < begin) throw new Error(`${DOCUMENT} has no marks for the tunnel's tables`);
  const written = [conditions(results), ...tables(results).map(markdown)].join('\n\n');
  writeFileSync(
    DOCUMENT,
    `${text.slice(0, begin + MARKS[0].length)}\n\n${written}\n\n${text.slice(end)}`,
  );
}
