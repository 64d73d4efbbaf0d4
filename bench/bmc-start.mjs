/**
 * `npm run bench bmc-start [rounds]`: how long it takes from the API's call until the console of a
 * simulated BMC is seen, cold and with a screen that is ready; what a session has of the memory, beside
 * one of Xvfb, x11vnc and Firefox. Writes docs/bmc-consoles.md anew between its marks.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { register } from 'tsx/esm/api';

register();
const { measureOpenings } = await import('../test/kvm/support/first-picture.ts');
const { compareMemory, readyMemory } = await import('../test/kvm/support/session-memory.ts');

const rounds = Number(process.argv[2] ?? 9);
const DOC = join(import.meta.dirname, '../docs/bmc-consoles.md');
const MARKS = /(<!-- bench bmc-start -->\n)[\s\S]*(<!-- end of bench -->)/;
const load = () => loadavg()[0].toFixed(1);

const before = load();
const cold = await measureOpenings({ rounds, warm: false });
const warm = await measureOpenings({ rounds, warm: true });
const ready = await readyMemory();
const { ours, theirs } = await compareMemory();

const table = `\
| from the API's call to the console's picture, seconds | least | median | most |
|---|---|---|---|
${row('cold', cold, ({ total }) => total)}
${row('cold, without the BMC', cold, ({ total, bmc }) => total - bmc)}
${row('a screen was ready', warm, ({ total }) => total)}
${row('a screen was ready, without the BMC', warm, ({ total, bmc }) => total - bmc)}

| memory of one session (PSS), MiB | in use | most |
|---|---|---|
| Rackside | ${mib(ours.pss)} | ${mib(ours.peak)} |
| Xvfb, x11vnc, Firefox | ${mib(theirs.pss)} | ${mib(theirs.peak)} |
| a screen that is ready | ${mib(ready)} | |

${rounds} rounds each; ${version('chromium')}, ${version('firefox-esr')}, \
${cpus().length} processors, load average ${before} before and ${load()} after.
`;
console.log(table);
const doc = readFileSync(DOC, 'utf8');
if (!MARKS.test(doc)) throw new Error(`${DOC} has no marks`);
writeFileSync(
  DOC,
  doc.replace(MARKS, (_all, begin, end) => `${begin}\n${table}\n${end}`),
);
process.exit(0);

/** One line of what was measured, in seconds. */
function row(what, openings, value) {
  const sorted = openings.map(value).toSorted((one, other) => one - other);
  const three = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return `| ${what} | ${three.map((ms) => (ms / 1000).toFixed(2)).join(' | ')} |`;
}

/** @param {number} kib */
function mib(kib) {
  return Math.round(kib / 1024);
}

/** `Chromium 150`, `Mozilla Firefox 140.1` */
function version(program) {
  const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  const said = execFileSync(program, ['--version'], options);
  return /^[\w ]+? \d+/.exec(said.trim())?.[0] ?? program;
}
