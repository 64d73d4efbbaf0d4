/**
 * `npm run fuzz [seconds [target]]`: feeds what takes bytes from outside with mutated examples, for so
 * many seconds in all (60). SEED in the environment repeats a run. What breaks a promise is written into the
 * corpus (test/fuzz/corpus), where `npm test` tries it from then on.
 */
import { randomInt } from 'node:crypto';
import { register } from 'tsx/esm/api';
import { setup } from './setup.mjs';

setup('test');
register();
const { TARGETS, fuzz } = await import('../test/fuzz/fuzz.ts');

const [seconds = '60', only] = process.argv.slice(2);
const targets = TARGETS.filter(({ name }) => only === undefined || name === only);
const time = (Number(seconds) * 1000) / targets.length;
if (!(time > 0 && time < Infinity)) {
  const names = TARGETS.map(({ name }) => name).join(', ');
  console.error(`fuzz: npm run fuzz [seconds [target]], the target one of ${names}`);
  process.exit(2);
}
const seed = Number(process.env.SEED ?? randomInt(2 ** 31));
console.log(`fuzz: seed ${seed}`);
let findings = 0;
for (const target of targets) {
  const { tried, finding } = await fuzz(target, { seed, runs: Infinity, time });
  await target.stop?.();
  console.log(`fuzz: ${target.name}: ${tried} inputs, ${finding ? finding.file : 'nothing found'}`);
  if (!finding) continue;
  findings += 1;
  console.error(finding.error);
}
process.exit(findings > 0 ? 1 : 0);
