import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type ServerResponse, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { before, describe, it } from 'mocha';
import {
  type ConsoleEvent,
  type ConsoleView,
  type CreatedConsole,
  closeConsole,
  extendConsole,
  getConsole,
  identifyMachine,
  isAlive,
  listConsoles,
  listMachines,
  openByForm,
  openConsole,
  redeemConsole,
  watchConsole,
  whoAmI,
} from '../../server/contract/index.ts';
import { GatewayClient, GatewayClientError } from '../../server/gateway-client/index.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';

const root = join(import.meta.dirname, '../..');
const EXAMPLE = join(root, 'examples/open-console.ts');
const token = API_TOKENS.portal;

describe('the API’s client', () => {
  const suite = cleanUp();
  let gateway: TestGateway;
  let client: GatewayClient;

  before(async () => {
    const redis = await suite.start(startRedis());
    const guacd = { host: '127.0.0.1', port: 1 };
    const consoles = { vnc: { host: '127.0.0.1', port: 1 } };
    const machines = Array.from({ length: 230 }, (_, n) => ({ id: `m${n}`, consoles }));
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines }));
    client = new GatewayClient({ url: gateway.url, token });
  });

  const code = (expected: string) => (error: unknown) =>
    error instanceof GatewayClientError && error.code === expected;

  /** Opens a console; its key and bearer are secrets of the test. */
  async function open(): Promise<CreatedConsole & { key: string }> {
    const opened = await client.call(openConsole, { body: { machine: 'lab:m1' } });
    return { ...opened, key: logBook.secret(new URL(opened.url).hash.slice(1)) };
  }

  it('gives typed answers: what is opened can be extended, found and closed', async () => {
    const opened = await open();
    const params = { id: opened.id };
    const extended: ConsoleView = await client.call(extendConsole, { params });
    assert.ok(extended.expiresAt > opened.expiresAt);
    const { state } = await client.call(getConsole, { params });
    assert.equal(state, 'starting');
    const nothing: undefined = await client.call(closeConsole, { params });
    assert.equal(nothing, undefined);
    assert.deepEqual(await client.call(isAlive), { status: 'ok' });
  });

  it('goes through all pages of a list', async () => {
    const ids = new Set<string>();
    for await (const machine of client.all(listMachines, { query: { q: 'm' } })) {
      ids.add(machine.id);
    }
    assert.equal(ids.size, 230);
    for await (const { id } of client.all(listConsoles)) assert.ok(id);
  });

  it('follows a console’s events until it is closed', async () => {
    const { id } = await open();
    const seen: ConsoleEvent[] = [];
    for await (const event of client.events(watchConsole, { params: { id } })) {
      if (seen.push(event) === 1) await client.call(closeConsole, { params: { id } });
    }
    const states = seen.map((event) => event.type === 'state' && event.console.state);
    assert.deepEqual(states, ['starting', 'closed']);
  });

  it('leaves a stream when the caller does, and gives up what is aborted, with its reason', async () => {
    const { id } = await open();
    for await (const event of client.events(watchConsole, { params: { id } })) {
      assert.equal(event.type, 'state');
      break;
    }
    const aborted = AbortSignal.abort(new Error('not wanted any more'));
    await assert.rejects(client.call(whoAmI, { signal: aborted }), /not wanted any more/);
    const controller = new AbortController();
    const watching = (async () => {
      const call = { params: { id }, signal: controller.signal };
      for await (const _ of client.events(watchConsole, call))
        controller.abort(new Error('enough'));
    })();
    await assert.rejects(watching, /enough/);
  });

  it('throws the code of a refusal and the fields at fault', async () => {
    const strange = { machine: 'lab:m1', colour: 'red' };
    await assert.rejects(client.call(openConsole, { body: strange }), (error) => {
      assert.ok(error instanceof GatewayClientError);
      assert.deepEqual([error.code, error.status], ['invalid_request', 400]);
      assert.deepEqual(error.errors[0]?.path, 'colour');
      return true;
    });
    const none = client.call(getConsole, { params: { id: 'a/b?c#d' } });
    await assert.rejects(none, code('console_not_found'));
    const nobody = new GatewayClient({ url: gateway.url });
    await assert.rejects(nobody.call(whoAmI), code('unauthenticated'));
  });

  it('takes the bearer that there is at the time of the call', async () => {
    let bearer: string | null = null;
    const page = new GatewayClient({ url: gateway.url, token: () => bearer });
    const { id, key } = await open();
    const params = { id };
    await assert.rejects(page.call(getConsole, { params }), code('unauthenticated'));
    const redeemed = await page.call(redeemConsole, { params, body: { key } });
    bearer = logBook.secret(redeemed.bearer);
    assert.equal((await page.call(getConsole, { params })).id, id);
  });

  it('waits no longer than it is told to, and says so', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    suite.add(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const { port } = silent.address() as AddressInfo;
    const hasty = new GatewayClient({ url: `http://127.0.0.1:${port}`, token, timeout: 50 });
    await assert.rejects(hasty.call(whoAmI), code('unreachable'));
    const stream = hasty.events(watchConsole, { params: { id: 'any' } });
    await assert.rejects(stream.next(), code('unreachable'));
  });

  it('waits longer for what takes longer by itself', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    const asked = new Promise<ServerResponse>((resolve) => {
      server.on('request', ({ url = '' }, response) => {
        if (url.endsWith('/identify')) resolve(response);
      });
    });
    suite.add(() => {
      server.closeAllConnections();
      server.close();
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const patient = new GatewayClient({ url: `http://127.0.0.1:${port}`, token, timeout: 50 });
    const params = { id: 'metal:node' };
    const slow = patient.call(identifyMachine, { params, body: { on: true } });
    // By the time that another call, made later, is given up, the first one has waited longer.
    await assert.rejects(patient.call(whoAmI), code('unreachable'));
    const answer = JSON.stringify({ machine: 'metal:node', on: true });
    (await asked).writeHead(202, { 'content-type': 'application/json' }).end(answer);
    assert.equal((await slow).on, true);
  });

  it('knows at compile time what a call takes', () => {
    const never = (): unknown => [
      // @ts-expect-error the id is missing
      client.call(getConsole),
      // @ts-expect-error a machine is no number
      client.call(openConsole, { body: { machine: 7 } }),
      // @ts-expect-error there is no such query
      client.call(listMachines, { query: { colour: 'red' } }),
      // @ts-expect-error a form is for scripts
      client.call(openByForm, {}),
    ];
    assert.equal(typeof never, 'function');
  });

  describe('in the example', () => {
    it('takes no more than 20 lines', async () => {
      const lines = (await readFile(EXAMPLE, 'utf8')).trimEnd().split('\n');
      assert.ok(lines.length <= 20, `${lines.length} lines`);
    });

    it('opens a console and follows it to its end', async () => {
      const env = { ...process.env, TOKEN: token };
      const args = ['--import', 'tsx', EXAMPLE, gateway.url, 'lab:m77'];
      const child = spawn(process.execPath, args, { cwd: root, env });
      suite.add(() => child.kill());
      const exit = once(child, 'exit');
      let [output, errors] = ['', ''];
      child.stderr.on('data', (data) => (errors += data));
      for await (const data of child.stdout) {
        output += data;
        const id = /\/console\/([\w-]+)#/.exec(output)?.[1];
        if (id && output.endsWith('starting\n')) {
          await client.call(closeConsole, { params: { id } });
        }
      }
      assert.deepEqual(await exit, [0, null], errors);
      assert.match(output, /^m77: http:\/\/\S+\/console\/\S+\nstarting\nclosed\n$/);
    });

    it('says a refusal by its code', async () => {
      const args = ['--import', 'tsx', EXAMPLE, gateway.url];
      const child = spawn(process.execPath, args, {
        cwd: root,
        env: { ...process.env, TOKEN: 'x' },
      });
      suite.add(() => child.kill());
      let errors = '';
      for await (const data of child.stderr) errors += data;
      assert.match(errors, /^unauthenticated: /);
    });
  });
});
