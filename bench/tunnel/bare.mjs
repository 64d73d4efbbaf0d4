/**
 * `node bare.mjs GUACD_PORT REDIS_SOCKET KEY`: the least that a gateway of Node, ws and
 * @node-redis/client can do for a tunnel. It opens the token, uses it up and reads the console's record,
 * dials guacd, and writes the record when guacd is ready and when there is a picture, with news of each.
 * There is no policy, audit, log, limit or time-out, and whatever is wrong ends it. Prints its port.
 */
import { createDecipheriv } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { createClient } from '@node-redis/client';
import { WebSocketServer } from 'ws';

const [guacdPort, redisSocket, key] = process.argv.slice(2);
const secret = Buffer.from(key, 'hex');
const redis = createClient({ socket: { path: redisSocket, tls: false } });
await redis.connect();

const COMPARE_AND_SET = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2])
  redis.call('PUBLISH', 'bare', ARGV[2])
  return 1`;

const instruction = (...elements) =>
  `${elements.map((element) => `${element.length}.${element}`).join(',')};`;

/** @param {string} token base64url of the initialization vector, the tag, and the console's id */
function idIn(token) {
  const sealed = Buffer.from(token, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(12, 28));
  return decipher.update(sealed.subarray(28), undefined, 'utf8') + decipher.final('utf8');
}

const sockets = new WebSocketServer({ noServer: true, clientTracking: false });

async function open(request, socket, head) {
  const id = idIn(request.url.slice(request.url.indexOf('=') + 1));
  const [used, read] = await Promise.all([
    redis.set(`used:${id}`, '1', { NX: true, PX: 60_000 }),
    redis.get(`console:${id}`),
  ]);
  if (used === null) throw new Error('used before');
  sockets.handleUpgrade(request, socket, head, (page) => tunnel(page, id, read));
}

/** @param {import('ws').WebSocket} page @param {string} id @param {string} read the record as it is */
function tunnel(page, id, read) {
  const record = JSON.parse(read);
  let before = read;
  const write = async (state) => {
    const after = JSON.stringify({ ...record, state });
    const written = { keys: [`console:${id}`], arguments: [before, after] };
    before = after;
    if ((await redis.eval(COMPARE_AND_SET, written)) !== 1) throw new Error('changed meanwhile');
  };
  const guacd = connect({ host: '127.0.0.1', port: Number(guacdPort), noDelay: true });
  const send = (bytes) => page.send(bytes, { binary: false });
  let answer = '';
  let pictured = false;
  const shakeHands = (bytes) => {
    answer += bytes.latin1Slice();
    if (!answer.endsWith(';')) return;
    if (answer.startsWith('4.args')) {
      const elements = answer.slice(0, -1).split(',').slice(1);
      const values = elements.map((element) => element.slice(element.indexOf('.') + 1));
      const known = { username: record.username, [values[0]]: values[0] };
      guacd.write(
        instruction('size', '1024', '768', '96') +
          instruction('connect', ...values.map((name) => known[name] ?? '')),
      );
      answer = '';
      return;
    }
    guacd.off('data', shakeHands);
    guacd.on('data', relay);
    void write('connecting');
    relay(bytes);
  };
  const relay = (bytes) => {
    send(bytes);
    if (!pictured && bytes.includes('4.sync')) {
      pictured = true;
      void write('connected');
    }
  };
  guacd.on('connect', () => guacd.write(instruction('select', 'vnc')));
  guacd.on('data', shakeHands);
  guacd.on('close', () => page.close());
  page.on('message', (message) => guacd.write(message));
  page.on('close', () => guacd.destroy());
}

const server = createServer();
server.on('upgrade', (request, socket, head) => void open(request, socket, head));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
console.log(server.address().port);
