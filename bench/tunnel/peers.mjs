/** What is measured side by side: each is a port, and a way to say what guacd.c should do there. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@node-redis/client';
import { Child, freePort, listening, nodeProcesses, ready } from './child.mjs';

const BENCH = import.meta.dirname;
const GATEWAY = join(BENCH, '../../dist/server/cli.js');
/** So many calls to the gateway's API at once, to get tokens. */
const CALLERS = 4;
/** Longest connection token's life that the configuration takes: many are got before one is used. */
const TOKEN_TTL = 300;

let started = 0;

/** @param {string} folder @param {string} command @param {string[]} args */
function start(folder, command, args, env = process.env) {
  const logFile = join(folder, `${(started += 1)}.log`);
  const log = openSync(logFile, 'w');
  return Child.start(command, args, { log, logFile, env }).finally(() => closeSync(log));
}

/** @param {string} folder with the compiled guacd and the mixes */
export async function startGuacd(folder) {
  const child = await start(folder, join(folder, 'guacd'), ['-d', folder]);
  return { port: Number(await child.printed(/^(\d+)$/m)), stop: () => child.stop() };
}

/** guacd itself, without anything in between. */
export async function startDirect({ guacd }) {
  return {
    ...guacd,
    pids: () => [],
    target: (modes) => ['-m', modes.join(',')],
    stop: async () => {},
  };
}

/** HAProxy as Debian packages it, relaying TCP. */
export async function startHaproxy({ folder, guacd, haproxy }) {
  const port = await freePort();
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(
    file,
    `global\n  maxconn 8000\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 1h\n` +
      `  timeout server 1h\nlisten tunnel\n  bind 127.0.0.1:${port}\n  server guacd 127.0.0.1:${guacd.port}\n`,
  );
  const child = await start(folder, haproxy, ['-db', '-f', file]);
  await listening(port);
  return {
    port,
    pids: () => [child.pid],
    target: (modes) => ['-m', modes.join(',')],
    stop: () => child.stop(),
  };
}

/** guacamole-lite as it comes. */
export async function startStock({ folder, guacd }) {
  const key = randomBytes(16).toString('hex');
  const child = await start(folder, process.execPath, [
    join(BENCH, 'stock.mjs'),
    String(guacd.port),
    key,
  ]);
  const port = Number(await child.printed(/^(\d+)$/m));
  const path = (settings) => {
    const iv = randomBytes(16);
    const cipher = createCipheriv('aes-256-cbc', key, iv);
    const content = JSON.stringify({ connection: { type: 'vnc', settings } });
    const value = Buffer.concat([cipher.update(content), cipher.final()]).toString('base64');
    const token = Buffer.from(JSON.stringify({ iv: iv.toString('base64'), value })).toString(
      'base64',
    );
    return `/?token=${encodeURIComponent(token)}`;
  };
  return {
    port,
    pids: () => [child.pid],
    target: (modes) =>
      paths(
        folder,
        modes.map((username) => path({ hostname: 'h', username })),
      ),
    path,
    stop: () => child.stop(),
  };
}

/** See plain.mjs: what Node costs where it only carries bytes, for keys. */
export async function startPlain({ folder, guacd }) {
  const args = [join(BENCH, 'plain.mjs'), String(guacd.port)];
  const child = await start(folder, process.execPath, args);
  return {
    port: Number(await child.printed(/^(\d+)$/m)),
    pids: () => [child.pid],
    target: (modes) => ['-m', modes.join(',')],
    stop: () => child.stop(),
  };
}

/** See bare.mjs: what Node, ws and Redis cost where there is nothing else, for handshakes. */
export async function startBare({ folder, guacd }) {
  const key = randomBytes(32);
  const dir = join(folder, `bare-${started}`);
  const path = join(dir, 'redis.sock');
  mkdirSync(dir);
  const settings = { port: '0', unixsocket: path, dir, appendonly: 'yes', save: '' };
  const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const stops = [];
  const stop = async () => {
    for (const each of stops.toReversed()) await each();
  };
  try {
    const server = await start(folder, 'redis-server', options);
    stops.push(() => server.stop());
    await server.printed(/(ready) to accept connections/i);
    const redis = createClient({ socket: { path, tls: false } });
    stops.push(() => redis.destroy());
    await redis.connect();
    const settled = [String(guacd.port), path, key.toString('hex')];
    const child = await start(folder, process.execPath, [join(BENCH, 'bare.mjs'), ...settled]);
    stops.push(() => child.stop());
    const port = Number(await child.printed(/^(\d+)$/m));
    const tunnel = async (username) => {
      const id = randomBytes(16).toString('hex');
      await redis.set(`console:${id}`, JSON.stringify({ id, username, state: 'new' }));
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const sealed = Buffer.concat([cipher.update(id), cipher.final()]);
      const token = Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
      return `/tunnel?token=${token}`;
    };
    const target = async (modes) => paths(folder, await Promise.all(modes.map(tunnel)));
    return { port, pids: () => [child.pid], target, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Rackside as in production: the built gateway with its own Redis, authentication, metrics and its
 * log on, and a token from its API for each tunnel.
 */
export async function startGateway({ folder, guacd, realGuacd, modes, desktop, workers = 1 }) {
  const secret = randomBytes(18).toString('base64url');
  const file = join(folder, `rackside-${started}.yaml`);
  const locations = { default: { guacd: [{ host: '127.0.0.1', port: guacd.port }] } };
  if (realGuacd) locations.real = { guacd: [{ host: '127.0.0.1', port: realGuacd.port }] };
  const consoles = (vnc) => ({ vnc: { host: '127.0.0.1', ...vnc } });
  const machines = modes.map((username, index) => ({
    id: `m${index}`,
    consoles: consoles({ port: 5900, username }),
  }));
  if (desktop) machines.push({ id: 'desktop', location: 'real', consoles: consoles(desktop) });
  writeFileSync(
    file,
    // YAML is a superset of JSON.
    JSON.stringify({
      listen: { port: 0 },
      dataDir: join(folder, `data-${started}`),
      locations,
      ...(workers > 1 && { workers }),
      consoles: { tokenTtl: TOKEN_TTL, perCustomer: 0 },
      metrics: { tokenHash: sha256(secret) },
      apiTokens: [
        {
          name: 'bench',
          role: 'support',
          tokenHash: sha256(secret),
        },
      ],
      providers: [{ id: 'bench', type: 'static', machines }],
    }),
  );
  let child;
  let url;
  const serve = async () => {
    child = await start(folder, process.execPath, [GATEWAY, 'serve', '--config', file], {
      ...process.env,
      NODE_ENV: 'production',
    });
    url = await child.printed(/"url":"([^"]+)"[^\n]*"msg":"listening"/);
    await ready(`${url}/readyz`);
  };
  await serve();

  const call = async (path, bearer, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer && { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  };
  const path = async (id) => {
    const opened = await call('/consoles', secret, { machine: `bench:${id}` });
    const key = new URL(opened.url).hash.slice(1);
    const { bearer } = await call(`/consoles/${opened.id}/redeem`, undefined, { key });
    const { token } = await call(`/consoles/${opened.id}/token`, bearer, {});
    return `/tunnel?token=${token}`;
  };
  return {
    get port() {
      return Number(new URL(url).port);
    },
    pids: () => nodeProcesses(child.pid),
    async target(wanted) {
      const made = [];
      const left = wanted.map((mode, index) => ({ id: `m${modes.indexOf(mode)}`, index }));
      const caller = async () => {
        for (let next = left.shift(); next; next = left.shift())
          made[next.index] = await path(next.id);
      };
      await Promise.all(Array.from({ length: CALLERS }, caller));
      return paths(folder, made);
    },
    path,
    /** The same consoles and tokens in a process that has made none of them. */
    async restart() {
      await child.stop();
      await serve();
    },
    stop: () => child.stop(),
  };
}

/** @param {string} text */
function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}

/** @param {string} folder @param {string[]} lines */
function paths(folder, lines) {
  const file = join(folder, `paths-${(started += 1)}`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return ['-u', file];
}
