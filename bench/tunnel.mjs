/**
 * `npm run bench:tunnel [-- --quick] [-- --only SCENARIO] [-- --rounds N]`: the tunnel beside HAProxy's
 * TCP relay and guacamole-lite as it comes, against a guacd that sends as fast as it is read.
 *
 * Builds what it needs. The peers take turns in each round; what counts is their ratio in a round. A whole
 * run writes the tables of docs/benchmarks.md. Exit 1: a goal was missed.
 */
import { parseArgs } from 'node:util';
import { measure } from './tunnel/measure.mjs';
import { missed, print, writeDocument } from './tunnel/report.mjs';

const { values } = parseArgs({
  options: {
    /** One short round. */
    quick: { type: 'boolean', default: false },
    /** Only scenarios whose name has this in it. */
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
  },
});
const whole = !values.quick && values.only === undefined;
const results = await measure({
  scale: values.quick ? 0.5 : 1,
  rounds: values.quick ? 1 : Number(values.rounds),
  only: values.only ?? '',
});
print(results);
if (whole) writeDocument(results);
process.exitCode = missed(results).length > 0 ? 1 : 0;
