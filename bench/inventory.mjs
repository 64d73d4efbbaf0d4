/** `npm run bench inventory [machines]`: how long the list of so many machines takes, over HTTP. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { register } from 'tsx/esm/api';

register();
const { parseConfig } = await import('../server/config.ts');
const { createLogger } = await import('../server/log.ts');
const { startGateway } = await import('../server/main.ts');

const machines = Number(process.argv[2] ?? 10_000);
const token = randomBytes(18).toString('base64url');
const dataDir = await mkdtemp(join(tmpdir(), 'rackside-bench-'));
const consoles = { vnc: { host: '192.0.2.1' } };
const config = {
  listen: { port: 0 },
  dataDir,
  apiTokens: ['support', 'customer'].map((role) => ({
    name: role === 'customer' ? 'customer-7' : role,
    role,
    tokenHash: createHash('sha256')
      .update(role + token)
      .digest('hex'),
  })),
  providers: [
    {
      id: 'many',
      type: 'static',
      machines: Array.from({ length: machines }, (_, index) => ({
        id: `m${index}`,
        name: `Server ${index} in rack ${index % 40}`,
        owner: `customer-${index % 100}`,
        consoles,
      })),
    },
  ],
};
const gateway = await startGateway(parseConfig(config, 'the bench'), createLogger('warn'));

/** Milliseconds of one call, and how many machines it gave. */
async function call(role, query) {
  const began = performance.now();
  const headers = { authorization: `Bearer ${role}${token}` };
  const answer = await fetch(`${gateway.url}/api/v1/machines?${query}`, { headers });
  const { items } = await answer.json();
  return { ms: performance.now() - began, count: items.length };
}

try {
  for (const [what, role, query] of [
    ['first page', 'support', 'limit=50'],
    ['search, one found', 'support', `q=m${machines - 1}`],
    ['search, nothing found', 'support', 'q=nothing-like-it'],
    ["a customer's own", 'customer', 'limit=200'],
    ['last page', 'support', `cursor=${Buffer.from('many:m98').toString('base64url')}&limit=200`],
  ]) {
    const times = [];
    let count = 0;
    for (let round = 0; round < 220; round += 1) {
      const one = await call(role, query);
      if (round >= 20) times.push(one.ms);
      count = one.count;
    }
    times.sort((a, b) => a - b);
    const at = (part) => (times[Math.floor(times.length * part)] ?? 0).toFixed(1).padStart(6);
    console.log(
      `${what.padEnd(24)} ${String(count).padStart(4)} machines ${at(0.5)} ms, p99 ${at(0.99)} ms`,
    );
  }
} finally {
  await gateway.stop();
  await rm(dataDir, { recursive: true });
}
