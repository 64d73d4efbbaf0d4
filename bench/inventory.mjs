/**
 * `npm run bench inventory [machines] [busy]`: how long a page of the list of so many machines takes,
 * over HTTP, while so many other processes compute, also while the whole list comes in anew; and how
 * much of a processor, by the gateway and its client together, which on a busy machine says more than
 * the clock.
 */
import { spawn } from 'node:child_process';
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
const busy = Number(process.argv[3] ?? 0);
const ROUNDS = 500;
const WARM_UP = 50;
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

/** Milliseconds of one call, by the clock and of the processor, and how many machines it gave. */
async function call(role, query) {
  const began = performance.now();
  const before = process.cpuUsage();
  const headers = { authorization: `Bearer ${role}${token}` };
  const answer = await fetch(`${gateway.url}/api/v1/machines?${query}`, { headers });
  const { items } = await answer.json();
  const { user, system } = process.cpuUsage(before);
  const cpu = (user + system) / 1000;
  return { ms: performance.now() - began, cpu, count: items.length };
}

const syncs = 20;
/** Has the list come in anew. */
async function sync() {
  const headers = { authorization: `Bearer support${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${gateway.url}/api/v1/machines/sync`, {
    ...{ method: 'POST', headers, body: '{}' },
  });
  if (answer.status !== 202) throw new Error(`sync answers ${answer.status}`);
}

const others = Array.from({ length: busy }, () => spawn(process.execPath, ['-e', 'for (;;);']));
try {
  for (const [what, role, query, anew = false] of [
    ['first page', 'support', 'limit=50'],
    ['search, one found', 'support', `q=m${machines - 1}`],
    ['search, nothing found', 'support', 'q=nothing-like-it'],
    ["a customer's own", 'customer', 'limit=200'],
    ['while all come in anew', 'support', 'limit=50', true],
    ['last page', 'support', `cursor=${Buffer.from('many:m98').toString('base64url')}&limit=200`],
  ]) {
    const calls = [];
    let count = 0;
    for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
      if (anew && round % (ROUNDS / syncs) === 0) await sync();
      const one = await call(role, query);
      if (round >= WARM_UP) calls.push(one);
      count = one.count;
    }
    const at = (key, part) => {
      const sorted = calls.map((one) => one[key]).toSorted((a, b) => a - b);
      return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)]
        .toFixed(1)
        .padStart(6);
    };
    const by = (key) => `${at(key, 0.5)} ms, p99 ${at(key, 0.99)} ms, most ${at(key, 1)} ms`;
    const found = `${String(count).padStart(4)} machines`;
    console.log(`${what.padEnd(22)} ${found}: ${by('ms')}; processor ${by('cpu')}`);
  }
} finally {
  for (const child of others) child.kill('SIGKILL');
  await gateway.stop();
  await rm(dataDir, { recursive: true });
}
