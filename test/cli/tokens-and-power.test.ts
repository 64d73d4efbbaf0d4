import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { before, describe, it } from 'mocha';
import { parse } from 'yaml';
import { parseConfig } from '../../server/config.ts';
import type { ApiTokenView } from '../../server/contract/index.ts';
import { enrol, signedIn } from '../integration/support/people.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, PASSWORDS, TestGateway } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { runCli, runCliOnTerminal } from './support/run-cli.ts';

describe('the CLI', function () {
  // Some start a command eight times, beside whatever else computes.
  this.timeout(120_000);
  const suite = cleanUp();
  let gateway: TestGateway;
  let network: ReturnType<typeof createSocket>;

  before(async () => {
    const redis = await suite.start(startRedis());
    network = createSocket('udp4').bind(0, '127.0.0.1');
    suite.add(() => network.close());
    await once(network, 'listening');
    const consoles = { vnc: { host: '127.0.0.1', port: 1 } };
    const { port } = network.address();
    const wakeOnLan = { mac: '02:00:5e:10:00:ff', broadcast: '127.0.0.1', port };
    const machines = [
      { id: 'desk', name: 'Desk', owner: 'alice', consoles, wakeOnLan },
      { id: 'safe', name: 'Safe', owner: 'alice', consoles },
    ];
    const guacd = { host: '127.0.0.1', port: 1 };
    const config = { policy: [{ machines: ['lab:safe'], purpose: 'required' }] };
    gateway = await suite.start(TestGateway.start({ redis, guacd, machines, config }));
  });

  const env = (token = API_TOKENS.portal) => ({
    RACKSIDE_CLI_URL: gateway.url,
    RACKSIDE_CLI_TOKEN: token,
  });
  const withToken = (token: string, ...args: string[]) => runCli(args, { env: env(token) });
  /** Signs in as alice: no token is there. */
  const asAlice = (...args: string[]) =>
    runCli([...args, '--user', 'alice'], {
      env: { RACKSIDE_CLI_URL: gateway.url },
      stdin: `${PASSWORDS.alice}\n`,
    });

  describe('token', () => {
    it('makes one at the gateway, lists it and revokes it', async () => {
      const scope = ['--actions', 'list,open', '--machines', 'lab:d*', '--expires-in', '3600'];
      const made = await asAlice('token', 'create', '--name', 'nightly', ...scope);
      assert.deepEqual([made.code, made.stderr], [0, '']);
      assert.match(made.stdout, /^rks_[0-9a-f]{24}_[\w-]{43}\n$/);
      const token = logBook.secret(made.stdout.trim());

      const seen = await withToken(token, 'machines');
      assert.deepEqual(seen.stdout.split('\t')[0], 'lab:desk');
      const listed = await asAlice('token', 'list');
      const [id = '', ...fields] = listed.stdout.trimEnd().split('\t');
      assert.deepEqual(fields.slice(0, 4), ['nightly', 'alice', 'list,open', 'lab:d*']);
      const json = await asAlice('token', 'list', '--json');
      assert.equal((JSON.parse(json.stdout) as ApiTokenView[])[0]?.id, id);

      const revoked = await asAlice('token', 'revoke', id);
      assert.deepEqual([revoked.code, revoked.stdout, revoked.stderr], [0, '', '']);
      const refused = await withToken(token, 'machines');
      assert.equal(refused.code, 3);
      assert.match(refused.stderr, /unauthenticated/);
    });

    it('lists and revokes by a token of the settings, which cannot make one', async () => {
      const { code, stderr } = await withToken(API_TOKENS.customer, 'token', 'list');
      assert.deepEqual([code, stderr], [0, '']);
      const gone = await withToken(API_TOKENS.customer, 'token', 'revoke', '0'.repeat(24));
      assert.equal(gone.code, 3);
      assert.match(gone.stderr, /api_token_not_found/);
    });

    it('asks for the password on a terminal, and shows nothing of it', async () => {
      const { code, stdout } = await runCliOnTerminal(
        ['token', 'create', '--user', 'alice'],
        [['Password: ', `${PASSWORDS.alice}\r`]],
        { env: { RACKSIDE_CLI_URL: gateway.url } },
      );
      assert.equal(code, 0, stdout);
      assert.match(stdout, /token [0-9a-f]{24} of alice, until it is revoked/);
      const token = /rks_\S+/.exec(stdout)?.[0] ?? '';
      logBook.secret(token);
      assert.ok(!stdout.includes(PASSWORDS.alice));
    });

    it('asks for the one-time code of whoever has one', async () => {
      const { app } = await enrol(await signedIn(gateway, 'bob'), 'bob');
      const made = await runCli(['token', 'create', '--user', 'bob'], {
        env: { RACKSIDE_CLI_URL: gateway.url },
        stdin: `${PASSWORDS.bob}\n${app.code(1)}\n`,
      });
      assert.deepEqual([made.code, made.stderr], [0, '']);
      logBook.secret(made.stdout.trim());
    });

    it('says what is wrong: the password, none, or options of the other way', async () => {
      const settings = { RACKSIDE_CLI_URL: gateway.url };
      const args = ['token', 'create', '--user', 'alice'];
      const wrong = await runCli(args, { env: settings, stdin: 'wrong\n' });
      assert.equal(wrong.code, 3);
      assert.match(wrong.stderr, /credentials_invalid/);
      const none = await runCli(args, { env: settings });
      assert.equal(none.code, 1);
      assert.match(none.stderr, /expected the password as a line of standard input/);
      for (const [more, said] of [
        [['--user', 'alice', '--role', 'admin'], /--role goes without --user only/],
        [['--user', 'alice', '--yaml'], /--yaml goes without --user only/],
        [['--expires-in', '60'], /--expires-in goes with --user only/],
        [['--url', 'http://127.0.0.1:1'], /--url goes with --user only/],
        [['--actions', 'fly'], /Expected words of list, open/],
      ] as const) {
        const { code, stdout, stderr } = await runCli(['token', 'create', ...more]);
        assert.deepEqual([code, stdout], [2, ''], more.join(' '));
        assert.match(stderr, said);
      }
    });

    it('writes a scope into the lines for the configuration', async () => {
      const args = ['token', 'create', '--actions', 'list,kill', '--machines', 'lab:*'];
      const { stdout, stderr } = await runCli(args);
      logBook.secret(stdout.trim());
      const lines = parse(stderr) as object;
      const providers = [{ id: 'lab', type: 'static', machines: [] }];
      const [token] = parseConfig({ ...lines, providers }, 'the lines').apiTokens;
      assert.deepEqual([token?.actions, token?.machines], [['list', 'kill'], ['lab:*']]);
    });
  });

  describe('power', () => {
    it('switches a machine by its name, and says nothing', async () => {
      const received = once(network, 'message') as Promise<[Buffer]>;
      const { code, stdout, stderr } = await withToken(API_TOKENS.portal, 'power', 'desk', 'on');
      assert.deepEqual([code, stdout, stderr], [0, '', '']);
      assert.equal((await received)[0].length, 102);
    });

    it('says how the machine is where it is told nothing', async () => {
      const { code, stdout } = await withToken(API_TOKENS.portal, 'power', 'lab:safe');
      assert.deepEqual([code, stdout], [0, 'unknown\n']);
    });

    it('says what the machine can be told in the place of that', async () => {
      const { code, stderr } = await withToken(API_TOKENS.portal, 'power', 'lab:safe', 'off');
      assert.equal(code, 3);
      assert.match(stderr, /lab:safe .*\(power_unavailable\)/);
      const nonsense = await withToken(API_TOKENS.portal, 'power', 'desk', 'explode');
      assert.equal(nonsense.code, 2);
    });
  });

  describe('open', () => {
    it('gives the purpose that a machine asks for', async () => {
      const without = await withToken(API_TOKENS.portal, 'open', 'lab:safe');
      assert.equal(without.code, 3);
      assert.match(without.stderr, /purpose_required/);
      const { code, stdout } = await withToken(
        API_TOKENS.portal,
        ...['open', 'lab:safe', '--purpose', 'a new disk'],
      );
      assert.equal(code, 0);
      logBook.secret(new URL(stdout.trim()).hash.slice(1));
    });
  });
});
