/**
 * `npm run bench bmc-consoles [rounds] [warm]`: opens and closes the console of a simulated BMC, killing
 * some of its programs, while so many screens are kept ready; says how long it takes, what it needs, and
 * what is left.
 */
import { register } from 'tsx/esm/api';

register();
const { soak } = await import('../test/kvm/support/soak.ts');

const rounds = Number(process.argv[2] ?? 200);
const warm = Number(process.argv[3] ?? 0);
const { screenMs, consoleMs, pssKiB, left } = await soak({ rounds, warm });
console.log(`${rounds} rounds, ${warm} screens kept ready`);
console.log(`screen after ${spread(screenMs)} ms, console after ${spread(consoleMs)} ms`);
console.log(`memory (PSS) of all screens ${spread(pssKiB.map((each) => each / 1024))} MiB`);
console.log(`left: ${JSON.stringify(left)}`);
process.exit(Object.values(left).some((count) => count > 0) ? 1 : 0);

/** @param {number[]} values */
function spread(values) {
  const sorted = values.toSorted((one, other) => one - other).map(Math.round);
  return `${sorted[Math.floor(sorted.length / 2)]} (median; ${sorted[0]} to ${sorted.at(-1)})`;
}
