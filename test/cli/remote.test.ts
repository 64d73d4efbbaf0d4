import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import {
  type ConsoleView,
  type MachineList,
  type MachineView,
  shareList,
} from '../../server/contract/index.ts';
import { freePort } from '../../server/platform/ports.ts';
import { cleanUp } from '../support/dispose.ts';
import { API_TOKENS, TestGateway } from '../support/gateway.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { until } from '../support/until.ts';
import { startCallRecorder } from './support/call-recorder.ts';
import { type CliResult, runCli, runCliOnTerminal } from './support/run-cli.ts';

const RED = '\u001b[31mRED';
/** What `open` says that it does. */
const STEPS = /^(looking for|opening a console of|showing it in) .*\n/gm;

function machine(id: string, name: string): object {
  const target = { host: '127.0.0.1', port: 1 };
  return { id, name, consoles: { vnc: target, ssh: target } };
}

const LAB = [
  machine('web1', 'Shop'),
  machine('web2', 'Shop'),
  machine('db', 'Database'),
  machine('db-old', `Old ${RED}`),
  ...Array.from({ length: 230 }, (_, index) => machine(`fleet-${index}`, `Fleet ${index}`)),
];

describe('the CLI and its gateway', () => {
  const parts = cleanUp();
  let gateway: TestGateway;
  let home: TempDir;

  before(async () => {
    const redis = await parts.start(startRedis());
    gateway = await parts.start(
      TestGateway.start({
        redis,
        guacd: { host: '127.0.0.1', port: 1 },
        machines: [],
        config: {
          providers: [
            { id: 'lab', type: 'static', machines: LAB },
            { id: 'shed', type: 'static', machines: [machine('pump', 'Pump')] },
          ],
        },
      }),
    );
    home = await parts.start(makeTempDir('cli-home'));
  });

  const env = (token: string = API_TOKENS.portal) => ({
    RACKSIDE_CLI_URL: gateway.url,
    RACKSIDE_CLI_TOKEN: token,
  });
  const cli = (...args: string[]): Promise<CliResult> => runCli(args, { env: env() });

  /** A command that is expected to do what it was asked, and to say nothing besides its steps. */
  async function output(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await cli(...args);
    assert.deepEqual([code, stderr.replace(STEPS, '')], [0, '']);
    return stdout;
  }

  describe('machines', () => {
    it('lists all pages as lines of tab-separated fields in a pipe', async () => {
      const lines = (await output('machines')).trimEnd().split('\n');
      assert.equal(lines.length, LAB.length + 1);
      assert.ok(lines.includes('lab:db\tDatabase\tserver\tdefault\tunknown\tvnc,ssh\t'), lines[0]);
    });

    it('lists those that a query finds', async () => {
      const lines = (await output('machines', '--query', 'DATAB')).trimEnd().split('\n');
      assert.deepEqual(
        lines.map((line) => line.split('\t')[0]),
        ['lab:db'],
      );
    });

    it('prints one JSON array with --json', async () => {
      const machines = JSON.parse(
        await output('machines', '--json', '-q', 'shop'),
      ) as MachineView[];
      assert.deepEqual(
        machines.map(({ id }) => id),
        ['lab:web1', 'lab:web2'],
      );
    });

    it('draws a table with headings on a terminal, and no colour that a name asks for', async () => {
      const { code, stdout } = await runCliOnTerminal(['machines', '-q', 'db'], [], { env: env() });
      assert.equal(code, 0);
      const [head = '', row = ''] = stdout.split(/\r?\n/);
      assert.match(head, /^ID +NAME +TYPE +LOCATION +POWER +CONSOLES +STATE$/);
      assert.equal(row.indexOf('Database'), head.indexOf('NAME'));
      assert.match(stdout, /Old \ufffd\[31mRED/);
      assert.ok(!stdout.includes('\u001b'), JSON.stringify(stdout));
    });

    it('has providers asked for their machines anew, and says who is not there', async () => {
      assert.equal(await output('machines', 'sync', 'lab'), 'lab\n');
      assert.equal(await output('machines', 'sync'), 'lab\nshed\n');
      const { code, stderr } = await cli('machines', 'sync', 'none');
      assert.deepEqual([code, /there is no provider "none"/.test(stderr)], [3, true], stderr);
    });

    it('prints nothing where there is nothing', async () => {
      assert.equal(await output('machines', '-q', 'no such thing'), '');
    });

    it('lists those of one provider', async () => {
      const lines = (await output('machines', '--provider', 'lab')).trimEnd().split('\n');
      assert.equal(lines.length, LAB.length);
      assert.ok(lines.every((line) => line.startsWith('lab:')));
      assert.match(await output('machines', '-p', 'shed'), /^shed:pump\t[^\n]*\n$/);
    });

    it('warns of a provider that fails, and shows what is known of the others', async function () {
      this.timeout(60_000);
      const path = join(home.path, 'nowhere');
      const half = await parts.start(
        TestGateway.start({
          guacd: { host: '127.0.0.1', port: 1 },
          machines: [],
          config: {
            providers: [
              { id: 'shed', type: 'static', machines: [machine('pump', 'Pump')] },
              { id: 'ws', type: 'websockify', path },
            ],
          },
        }),
      );
      const ask = (...args: string[]) =>
        runCli(['machines', ...args], { env: { ...env(), RACKSIDE_CLI_URL: half.url } });
      const list = { as: API_TOKENS.portal };
      const failing = async () => {
        const { providers } = (await (
          await half.call('GET', '/machines', list)
        ).json()) as MachineList;
        return providers.some((one) => one.failing);
      };
      await until(failing, { timeout: 30_000, what: 'a provider that fails' });
      const { code, stdout, stderr } = await ask();
      assert.deepEqual([code, stdout.split('\t')[0]], [0, 'shed:pump']);
      assert.match(stderr, /^ws has not answered yet: .*cannot be read \(ENOENT\)[^\n]*\n$/);
      assert.equal((await ask('-p', 'ws')).stderr, stderr);
      assert.equal((await ask('-p', 'shed')).stderr, '');
    });

    it('asks for each page once, and for no more', async () => {
      const recorder = parts.add(await startCallRecorder(gateway.url));
      const at = { env: { ...env(), RACKSIDE_CLI_URL: recorder.url } };
      assert.equal((await runCli(['machines'], at)).code, 0);
      assert.deepEqual(
        recorder.calls.map((call) => call.replace(/=[^&]*$/, '=…')),
        ['GET /api/v1/machines?limit=…', 'GET /api/v1/machines?limit=200&cursor=…'],
      );
    });

    it('says that there is no such provider, and prints nothing', async () => {
      const { code, stdout, stderr } = await cli('machines', '--provider', 'none');
      assert.deepEqual([code, stdout], [3, '']);
      assert.match(stderr, /there is no provider "none"/);
    });
  });

  describe('media', () => {
    it('ejects the drive that is named without a look at them all', async () => {
      const recorder = parts.add(await startCallRecorder(gateway.url));
      const at = { env: { ...env(), RACKSIDE_CLI_URL: recorder.url } };
      const { code, stderr } = await runCli(['media', 'eject', 'lab:db', 'CD'], at);
      assert.deepEqual([code, /\(media_unavailable\)$/m.test(stderr)], [3, true], stderr);
      const machines = '/api/v1/machines/lab%3Adb';
      assert.deepEqual(recorder.calls, [`GET ${machines}`, `DELETE ${machines}/media/CD`]);
    });
  });

  describe('open', () => {
    it('prints the URL of a console alone, and it opens', async () => {
      const stdout = await output('open', 'lab:db');
      const url = new URL(stdout.trim());
      assert.equal(stdout, `${url.href}\n`);
      assert.equal(url.origin, gateway.url);
      const id = url.pathname.split('/').at(-1);
      const redeemed = await gateway.call('POST', `/consoles/${id}/redeem`, {
        body: { key: url.hash.slice(1) },
      });
      assert.equal(redeemed.status, 200);
    });

    it('says its steps: plain lines in a pipe, a spinner with its outcome on a terminal', async () => {
      const piped = await cli('open', 'lab:db');
      assert.match(piped.stderr, /^looking for lab:db\nopening a console of \S+\n$/);
      const args = ['open', 'lab:db'];
      const { code, stdout } = await runCliOnTerminal(args, [], { env: env() });
      assert.equal(code, 0, stdout);
      const shown = stripVTControlCharacters(stdout);
      assert.match(shown, /✔ looking for lab:db\s/);
      assert.match(shown, /✔ opening a console of \S+\s/);
      // Frames that turn, on one line each time, and a cursor that is given back.
      assert.match(shown, /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] looking/u);
      assert.ok(stdout.lastIndexOf('\u001B[?25h') > stdout.lastIndexOf('\u001B[?25l'));
      logBook.secret(/#(\S+)/.exec(shown)?.[1] ?? '');
      const refused = await runCliOnTerminal(['open', 'lab:none'], [], { env: env() });
      assert.equal(refused.code, 3);
      assert.match(stripVTControlCharacters(refused.stdout), /✖ looking for lab:none\s/);
    });

    it('takes a kind, a view only and a time', async () => {
      const url = await output('open', 'lab:db', '--kind', 'ssh', '--read-only', '--ttl', '600');
      const { kind, readOnly, createdAt, expiresAt } = await viewOf(url);
      assert.deepEqual([kind, readOnly], ['ssh', true]);
      assert.equal(Date.parse(expiresAt) - Date.parse(createdAt), 600_000);
    });

    for (const [wanted, id] of [
      ['database', 'lab:db'],
      ['DB', 'lab:db'],
      ['b-ol', 'lab:db-old'],
      ['lab:web1', 'lab:web1'],
      ['lab:web', undefined],
      ['fleet-22', 'lab:fleet-22'],
    ] as const) {
      it(`takes ${wanted} for ${id ?? 'no machine'}`, async () => {
        if (id === undefined) assert.equal((await cli('open', wanted)).code, 2);
        else assert.equal((await viewOf(await output('open', wanted))).machine, id);
      });
    }

    it('names the machines that a name may mean', async () => {
      const { code, stdout, stderr } = await cli('open', 'shop');
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(
        stderr,
        /^looking for shop\n"shop" may be any of 2 machines, say which:\n {2}lab:web1 .*\n {2}lab:/,
      );
      assert.match(
        (await cli('open', 'fleet')).stderr,
        /any of 230 machines.*\n {2}and 222 more\n$/s,
      );
    });

    it('says that there is no such machine', async () => {
      for (const wanted of ['nothing', 'lab:nothing', 'x'.repeat(300), '../consoles']) {
        const { code, stdout, stderr } = await cli('open', wanted);
        assert.deepEqual([code, stdout], [3, ''], wanted);
        assert.match(stderr, /^looking for .*\nthere is no machine "/);
      }
    });

    it('refuses a kind that the machine has not, and one that nobody has', async () => {
      const refused = await cli('open', 'lab:db', '--kind', 'rdp');
      assert.deepEqual([refused.code, refused.stdout], [3, '']);
      assert.match(refused.stderr, /\(console_kind_unavailable\)$/m);
      assert.equal((await cli('open', 'lab:db', '--kind', 'x')).code, 2);
      assert.equal((await cli('open', 'lab:db', '--ttl', '1h')).code, 2);
    });

    describe('--browser', () => {
      /** A desktop's xdg-open, which tells what it was given. */
      async function desktop(body: string): Promise<{ PATH: string }> {
        const bin = join(home.path, 'bin');
        await mkdir(bin, { recursive: true });
        await writeFile(join(bin, 'xdg-open'), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
        return { PATH: `${bin}:/usr/bin:/bin` };
      }

      it('sends the browser there, with no key in its arguments', async () => {
        const told = parts.add(await teller());
        const path = await desktop(
          `exec ${process.execPath} -e '
            const [, address, teller] = process.argv;
            const first = await fetch(address, { redirect: "manual" });
            const again = await fetch(address, { redirect: "manual" }).catch(() => undefined);
            const location = first.headers.get("location");
            const body = JSON.stringify({ address, location, again: again?.status ?? null });
            await fetch(teller, { method: "POST", body });
          ' --input-type=module "$1" ${told.url}`,
        );
        const { code, stdout, stderr } = await runCli(['open', 'lab:db', '--browser'], {
          env: { ...env(), ...path },
        });
        assert.deepEqual([code, stdout, stderr.replace(STEPS, '')], [0, '', '']);
        const { address, location, again } = await told.told;
        const key = new URL(location).hash.slice(1);
        assert.ok(key.length > 8);
        assert.ok(!address.includes(key));
        assert.notEqual(again, 303);
        assert.equal((await viewOf(location)).machine, 'lab:db');
      });

      it('prints the URL when there is no browser, and ends with 1', async () => {
        const { code, stdout, stderr } = await runCli(['open', 'lab:db', '--browser'], {
          env: { ...env(), ...(await desktop('exit 3')) },
        });
        assert.equal(code, 1);
        assert.ok(stdout.startsWith(`${gateway.url}/console/`));
        assert.match(stderr, /open this URL yourself/);
      });
    });
  });

  describe('consoles, extend, kill', () => {
    it('lists a console, moves its end and closes it', async () => {
      const { id, expiresAt } = await viewOf(await output('open', 'lab:db', '--ttl', '100'));
      const line = (await output('consoles')).split('\n').find((each) => each.startsWith(id));
      assert.equal(
        line,
        [id, 'lab:db', 'vnc', 'control', 'portal', 'starting', expiresAt].join('\t'),
      );

      const moved = (await output('extend', id, '--seconds', '60')).trim();
      assert.equal(Date.parse(moved) - Date.parse(expiresAt), 60_000);
      const listed = JSON.parse(await output('consoles', '--json')) as ConsoleView[];
      assert.equal(listed.find((one) => one.id === id)?.expiresAt, moved);

      assert.equal(await output('kill', id), '');
      assert.equal((await gateway.view(id)).reason, 'killed');
      const refused = await cli('extend', id);
      assert.deepEqual([refused.code, refused.stdout], [3, '']);
      assert.match(refused.stderr, /\(console_killed\)$/m);
    });

    it('shares a console by a URL alone, view-only unless control is asked for', async () => {
      const { id } = await viewOf(await output('open', 'lab:db', '--ttl', '100'));
      const link = (await output('share', id)).trim();
      assert.match(link, new RegExp(`^${gateway.url}/console/${id}#[\\w-]{43}$`));
      const more = (await output('share', id, '--control', '--ttl', '50', '--label', 'Bob')).trim();
      for (const url of [link, more]) logBook.secret(new URL(url).hash.slice(1));
      const answer = await gateway.call('GET', `/consoles/${id}/shares`, { as: API_TOKENS.portal });
      const { items } = shareList.parse(await answer.json());
      assert.deepEqual(
        items.map(({ readOnly, label }) => [readOnly, label]),
        [
          [true, null],
          [false, 'Bob'],
        ],
      );
    });

    it('takes the passphrase of a shared console from standard input, and shows it nowhere', async () => {
      const { id } = await viewOf(await output('open', 'lab:db', '--ttl', '100'));
      const passphrase = logBook.secret('open säsame');
      const share = (stdin: string) =>
        runCli(['share', id, '--passphrase-stdin'], { env: env(), stdin });
      const { code, stdout, stderr } = await share(`${passphrase}\n`);
      assert.deepEqual([code, stderr], [0, '']);
      const key = logBook.secret(new URL(stdout.trim()).hash.slice(1));
      const redeem = (body: object) =>
        gateway.call('POST', `/consoles/${id}/redeem`, { body: { key, ...body } });
      assert.equal((await redeem({})).status, 401);
      assert.equal((await redeem({ passphrase: `${passphrase}\n` })).status, 401);
      assert.equal((await redeem({ passphrase })).status, 200);

      const without = await share('\n');
      assert.deepEqual([without.code === 0, without.stdout], [false, '']);
      assert.match(without.stderr, /expected a passphrase of 8 to 128 characters/);
    });

    it('says that there is no such console', async () => {
      for (const command of ['extend', 'kill']) {
        const { code, stderr } = await cli(command, 'nothing/../such');
        assert.equal(code, 3);
        assert.match(stderr, /\(console_not_found\)$/m);
      }
    });
  });

  describe('its settings', () => {
    async function file(name: string, text: string, mode = 0o600): Promise<string> {
      const path = join(home.path, name);
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(path, text);
      await chmod(path, mode);
      return path;
    }

    it('come from ~/.config/rackside/cli.yaml, the token from a file beside it', async () => {
      await file('.config/rackside/token', `${API_TOKENS.portal}\n`);
      await file('.config/rackside/cli.yaml', `url: ${gateway.url}/\ntokenFile: token\n`);
      const { code, stderr } = await runCli(['consoles'], { env: { HOME: home.path } });
      assert.deepEqual([code, stderr], [0, '']);
    });

    it('come from a file that is named, and from RACKSIDE_CLI_TOKEN_FILE', async () => {
      const config = await file('named.yaml', `url: ${gateway.url}\n`);
      const token = await file('named-token', API_TOKENS.portal);
      const { code, stderr } = await runCli(['consoles', '--config', config], {
        env: { RACKSIDE_CLI_TOKEN_FILE: token },
      });
      assert.deepEqual([code, stderr], [0, '']);
    });

    it('warn of a token that others can read, and go on', async () => {
      const config = await file('open.yaml', `url: ${gateway.url}\ntokenFile: open-token\n`);
      await file('open-token', API_TOKENS.portal, 0o644);
      const { code, stderr } = await runCli(['consoles', '-c', config]);
      assert.equal(code, 0);
      assert.match(
        stderr,
        /^warning: .*open-token holds a token and others can read it: chmod 600/,
      );
    });

    it('warn of a token that goes over the network unencrypted', async () => {
      const RACKSIDE_CLI_URL = 'http://nosuch.invalid';
      const { code, stderr } = await runCli(['consoles'], { env: { ...env(), RACKSIDE_CLI_URL } });
      assert.equal(code, 4);
      assert.match(stderr, /^warning: http:\/\/nosuch\.invalid is not https/);
    });

    it('give the token of one gateway to no other', async () => {
      const other = parts.add(await teller());
      const text = `url: ${gateway.url}\ntoken: ${API_TOKENS.portal}\n`;
      const config = await file('one.yaml', text);
      const { code, stderr } = await runCli(['consoles', '-c', config, '--url', other.url]);
      assert.equal(code, 2);
      assert.match(stderr, /one\.yaml is for http:\/\/127\.0\.0\.1:\d+ alone/);
      assert.equal(other.calls(), 0);
    });

    for (const [what, text, expected] of [
      [
        'an unknown key',
        'ulr: http://a',
        /ulr: unknown key, expected one of url, token, tokenFile/,
      ],
      ['an address that is none', 'url: example.com', /url: expected an http or https URL/],
      ['a password in the address', 'url: http://a:b@c', /url: expected no user or password/],
      ['both kinds of token', 'token: a\ntokenFile: b', /tokenFile: set token or tokenFile, not/],
      ['no address', 'token: a', /url: expected in .*, in RACKSIDE_CLI_URL or as --url/],
      ['no token', 'url: http://127.0.0.1:1', /token: expected for http:\/\/127\.0\.0\.1:1 in/],
      [
        'a token file that is not there',
        'url: http://a\ntokenFile: no',
        /no cannot be used:\n.*ENOENT/,
      ],
    ] as const) {
      it(`refuse ${what} with 2`, async () => {
        const { code, stdout, stderr } = await runCli([
          'consoles',
          '-c',
          await file('x.yaml', text),
        ]);
        assert.deepEqual([code, stdout], [2, '']);
        assert.match(stderr, expected);
      });
    }

    it('refuse a variable that is none of theirs', async () => {
      const { code, stderr } = await runCli(['consoles'], { env: { RACKSIDE_CLI_TOKN: 'x' } });
      assert.equal(code, 2);
      assert.match(stderr, /RACKSIDE_CLI_TOKN: unknown environment variable/);
    });
  });

  describe('a gateway that does not do it', () => {
    it('that knows the token not, or forbids it: 3, and the token is not shown', async () => {
      const { code, stdout, stderr } = await runCli(['machines'], { env: env('wrong-token-1') });
      assert.deepEqual([code, stdout], [3, '']);
      assert.match(stderr, /\(unauthenticated\)$/m);
      assert.ok(!stderr.includes('wrong-token-1'));
    });

    it('that is not there: 4', async () => {
      const url = `http://127.0.0.1:${await freePort()}`;
      const { code, stderr } = await runCli(['machines'], {
        env: { ...env(), RACKSIDE_CLI_URL: url },
      });
      assert.equal(code, 4);
      assert.match(stderr, /does not answer\n.*ECONNREFUSED/s);
    });

    for (const [status, code, expected] of [
      [502, 4, /no gateway answers behind http:\/\/127\.0\.0\.1:\d+ \(HTTP 502\)/],
      [301, 1, /does not answer as a Rackside gateway does \(a redirect to https:\/\/elsewhere\)/],
      [200, 1, /does not answer as a Rackside gateway does \(HTTP 200\)/],
    ] as const) {
      it(`that is another server with ${status}: ${code}`, async () => {
        const other = parts.add(await teller(status));
        const result = await runCli(['machines'], {
          env: { ...env(), RACKSIDE_CLI_URL: other.url },
        });
        assert.equal(result.code, code);
        assert.match(result.stderr, expected);
      });
    }
  });

  it('passes the settings of the CLI over when it serves', async () => {
    // Another variable stops it: what is wrong is named, and the CLI's own are not.
    const { code, stderr } = await runCli(['serve'], { env: { ...env(), RACKSIDE_NOTHING: '1' } });
    assert.equal(code, 2);
    assert.match(stderr, /RACKSIDE_NOTHING: unknown environment variable/);
    assert.doesNotMatch(stderr, /RACKSIDE_CLI_/);
  });

  async function viewOf(url: string): Promise<ConsoleView> {
    return gateway.view(new URL(url.trim()).pathname.split('/').at(-1) ?? '');
  }
});

interface Told {
  readonly address: string;
  readonly location: string;
  readonly again: number | null;
}

/** A server that is no gateway: answers with `status`, and says what was posted to it. */
async function teller(status = 200) {
  let count = 0;
  let tell: (value: Told) => void;
  const told = new Promise<Told>((resolve) => {
    tell = resolve;
  });
  const server = createServer((request, response) => {
    count++;
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      if (request.method === 'POST') tell(JSON.parse(text) as Told);
      const elsewhere = status === 301 ? { location: 'https://elsewhere/a?b' } : {};
      response.writeHead(status, { connection: 'close', ...elsewhere }).end('<html>');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    told,
    calls: () => count,
    stop: () => server.close(),
  };
}
