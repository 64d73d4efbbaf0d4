/**
 * `npm run bench idle-tunnels [tunnels]`: how much memory so many idle tunnels take of one gateway, each
 * of a console of its own, admitted by a connection token and Redis; how the gateway is then, and how it
 * drains. Consoles are opened at a second gateway of the same Redis, so that what the first one grows by
 * is its tunnels. Both are what `npm start` runs, in processes of their own.
 */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { register } from 'tsx/esm/api';
import { WebSocket } from 'ws';
import { build, buildIsStale } from '../scripts/build.mjs';

register();
const { startRedis } = await import('../test/support/redis.ts');

const total = Number(process.argv[2] ?? 5000);
const AT_ONCE = 16;
const WATCH_MS = 30_000;
const root = join(import.meta.dirname, '..');
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const token = randomBytes(18).toString('base64url');
const dir = await mkdtemp(join(tmpdir(), 'rackside-idle-'));
const children = [];
const pages = new Set();

/** A program of ours, and its first line that says where it listens. */
async function start(args, where) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const inspector = new Promise((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const url = /^Debugger listening on (ws:.*)/.exec(line)?.[1];
      if (url) resolve(url);
      else if (!/^(For help|Debugger)/.test(line)) console.error(line);
    });
  });
  const at = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = where(line);
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`${args.join(' ')}: exit ${code}`)));
  });
  return { child, at, inspector };
}

async function startGateway(name, config) {
  const file = join(dir, `${name}.yaml`);
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  const serve = ['dist/server/cli.js', 'serve', '--config', file];
  return start(['--inspect=127.0.0.1:0', ...serve], (line) => {
    const { msg, url } = JSON.parse(line);
    return msg === 'listening' ? url : undefined;
  });
}

/** Resident, KB. */
async function memory({ child }) {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)[1]);
}

/** Processor time, seconds. */
async function processor({ child }) {
  const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Without what is garbage already, which is there or not by chance. KB */
async function settled(gateway) {
  const inspector = new WebSocket(await gateway.inspector);
  await once(inspector, 'open');
  for (let id = 0; id < 3; id++) {
    inspector.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }));
    await once(inspector, 'message');
    await setTimeout(1000);
  }
  inspector.close();
  return memory(gateway);
}

async function call(url, path, as, body) {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** A console that is opened at one gateway and whose tunnel is at the other, up to its picture. */
async function openTunnel(opener, holder, number) {
  const opened = await call(opener, '/consoles', token, { machine: `lab:m${number}` });
  const key = new URL(opened.url).hash.slice(1);
  const { bearer } = await call(opener, `/consoles/${opened.id}/redeem`, token, { key });
  const granted = await call(opener, `/consoles/${opened.id}/token`, bearer, {});
  const url = `${holder.replace('http', 'ws')}/tunnel?token=${granted.token}`;
  const page = await shown(new WebSocket(url, 'guacamole', { perMessageDeflate: false }));
  pages.add(page);
  page.removeAllListeners('message');
  page.once('close', (code) => {
    pages.delete(page);
    ends.set(code, (ends.get(code) ?? 0) + 1);
  });
}
/** @param {WebSocket} page resolves with it once it has its picture. */
function shown(page) {
  return new Promise((resolve, reject) => {
    page.on('error', () => undefined);
    page.on('message', (/** @type {Buffer} */ data) => {
      if (data.includes('4.sync,')) resolve(page);
    });
    page.once('unexpected-response', (_request, { statusCode }) => {
      reject(new Error(`a tunnel was refused with ${statusCode}`));
    });
    page.once('close', (code) => reject(new Error(`a tunnel was closed with ${code}`)));
  });
}

/** How many pages were closed with each code. */
const ends = new Map();

const redis = await startRedis();
try {
  if (buildIsStale()) build();
  const guacd = await start(['bench/idle-tunnels/guacd.mjs'], Number);
  const consoles = { vnc: { host: '192.0.2.1' } };
  const config = {
    listen: { port: 0 },
    redis: { url: redis.url },
    locations: { default: { guacd: [{ host: '127.0.0.1', port: guacd.at }] } },
    keys: [{ id: 'k1', secret: randomBytes(32).toString('base64') }],
    apiTokens: [{ name: 'portal', role: 'support', tokenHash: sha256(token) }],
    consoles: { idle: 0, tokenTtl: 300 },
    providers: [
      {
        id: 'lab',
        type: 'static',
        machines: Array.from({ length: total }, (_, number) => ({ id: `m${number}`, consoles })),
      },
    ],
  };
  const opener = await startGateway('opener', { ...config, dataDir: join(dir, 'opener') });
  const holder = await startGateway('holder', { ...config, dataDir: join(dir, 'holder') });
  const cold = await settled(holder);

  const began = performance.now();
  let next = 0;
  const work = async () => {
    while (next < total) await openTunnel(opener.at, holder.at, next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const seconds = (performance.now() - began) / 1000;
  console.log(`${pages.size} tunnels after ${seconds.toFixed(0)} s`);

  const busyBefore = await processor(holder);
  await setTimeout(WATCH_MS);
  const busy = ((await processor(holder)) - busyBefore) / (WATCH_MS / 1000);
  const full = await settled(holder);
  console.log(`memory ${mb(cold)} MB cold, ${mb(full)} MB with them:`);
  console.log(`${((full - cold) / total).toFixed(1)} KB a tunnel`);
  console.log(`idle, ${(busy * 100).toFixed(1)} % of a processor; ${pages.size} are open`);

  const told = performance.now();
  holder.child.kill('SIGTERM');
  const [code] = await once(holder.child, 'exit');
  const drained = ((performance.now() - told) / 1000).toFixed(1);
  console.log(`SIGTERM: exit ${code} after ${drained} s, closed with ${say(ends)}`);
} finally {
  for (const page of pages) page.terminate();
  for (const child of children.toReversed()) {
    if (child.exitCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await redis.stop();
  await rm(dir, { recursive: true, force: true });
}

function mb(kb) {
  return (kb / 1024).toFixed(0);
}

/** @param {Map<number, number>} counts */
function say(counts) {
  return [...counts].map(([code, count]) => `${code} (${count})`).join(', ');
}
