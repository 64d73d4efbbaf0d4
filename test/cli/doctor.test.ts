import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createClient } from '@node-redis/client';
import { freePort } from '../../server/platform/ports.ts';
import { RedfishSimulator } from '../simulators/redfish.ts';
import { cleanUp } from '../support/dispose.ts';
import { startGuacd } from '../support/guacd.ts';
import { PEOPLE, startLdap } from '../support/ldap.ts';
import { startOidc } from '../support/oidc.ts';
import { startRedis } from '../support/redis.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { type Examined, examine as examineIn, onlyTrouble } from './support/examine.ts';
import { type CliOptions, runCli } from './support/run-cli.ts';

const PASSWORD = 'doctor-redis-password';

interface Address {
  readonly host: string;
  readonly port: number;
}

describe('rackside doctor', () => {
  const parts = cleanUp();
  let dir: TempDir;
  let redisUrl: string;
  let redisPort: number;
  let guacd: Address;

  before(async () => {
    dir = await parts.start(makeTempDir('doctor'));
    const redis = await parts.start(startRedis({ password: PASSWORD }));
    const real = await parts.start(startGuacd());
    redisUrl = redis.url;
    redisPort = redis.port;
    guacd = { host: real.host, port: real.port };
  });

  /** A configuration with which all is well, but for `changes`. */
  const healthy = (changes: object = {}): object => ({
    publicUrl: 'http://localhost',
    dataDir: join(dir.path, 'data'),
    redis: { url: redisUrl },
    locations: { default: { guacd: [guacd] } },
    apiTokens: [{ name: 'a', role: 'support', tokenHash: 'a'.repeat(64) }],
    ...changes,
  });

  async function examine(config: object, options: CliOptions = {}): Promise<Examined> {
    const examined = await examineIn(dir.path, config, options);
    assert.doesNotMatch(examined.lines.join('\n'), new RegExp(PASSWORD));
    return examined;
  }

  /** What is wrong with a configuration is said in one line. */
  async function trouble(changes: object, options?: CliOptions): Promise<string> {
    return onlyTrouble(await examine(healthy(changes), options));
  }

  async function askRedis(url: string, ...command: string[]): Promise<void> {
    const client = createClient({ url });
    await client.connect();
    await client.sendCommand(command);
    await client.close();
  }

  it('finds nothing wrong where nothing is, and leaves nothing behind', async () => {
    const { code, lines, troubles } = await examine(healthy());
    assert.equal(code, 0, lines.join('\n'));
    assert.match(
      lines.join('\n'),
      /guacd of default: .* speaks vnc, rdp, ssh, telnet, protocol 1\./,
    );
    assert.match(troubles.join('\n'), /^note {3}redis: .*set appendonly yes[^\n]*$/);
    const client = createClient({ url: redisUrl });
    await client.connect();
    assert.equal(await client.dbSize(), 0);
    await client.close();
  });

  it('needs no configuration: it looks for the programs then', async () => {
    const { code, stdout } = await runCli(['doctor']);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /its own: redis-server \d.*\n.*its own: guacd \d/);
  });

  describe('BMCs', () => {
    it('are looked at: their certificates, and the programs for IPMI', async function () {
      this.timeout(60_000);
      const bmc = await parts.start(RedfishSimulator.start());
      const { host: address, port, username, password } = bmc;
      const right = new X509Certificate(bmc.ca).fingerprint256;
      const provider = (more: object) => ({
        providers: [
          {
            id: 'metal',
            type: 'bmc',
            username,
            password,
            hosts: [{ id: 'a', address, port, ...more }],
          },
        ],
      });
      const { code, lines } = await examine(healthy(provider({ fingerprint: right })));
      assert.equal(code, 0, lines.join('\n'));
      assert.match(lines.join('\n'), /bmc: .*ipmitool 1\..*\n.*bmc: .*socat 1\./);
      assert.match(lines.join('\n'), /^ok {5}metal: a: its certificate is the right one$/m);
      const unknown = await trouble(provider({}));
      assert.ok(unknown.endsWith(`if this is it, set fingerprint: ${right}`), unknown);
      const byIpmi = await examine(healthy(provider({ port: 1 })));
      assert.match(byIpmi.lines.join('\n'), /^note {3}metal: a: .* at port 1: ECONNREFUSED; IPMI/m);
      // The gateway does not take this for a BMC without a web server, and asks it no further.
      const nowhere = await trouble(provider({ address: 'nosuch.invalid' }));
      assert.match(
        nowhere,
        /metal: a: nosuch\.invalid cannot be reached at port \d+: E\w+; correct/,
      );
      const lost = await trouble(provider({ port: 1, ipmi: { enabled: false } }));
      assert.match(lost, /metal: a: 127\.0\.0\.1 cannot be reached at port 1: ECONNREFUSED/);
    });
  });

  describe('config', () => {
    it('names each fault in a line', async () => {
      const { code, lines } = await examine({ lisen: 1, consoles: { ttl: 'x' } });
      assert.equal(code, 1);
      assert.equal(lines.length, 2);
      assert.match(lines.join('\n'), /^wrong {2}config: lisen: unknown key/m);
    });

    it('names a file that is not there', async () => {
      const { code, stdout } = await runCli(['doctor', '-c', '/nowhere/r.yaml']);
      assert.equal(code, 1);
      assert.match(stdout, /^wrong {2}config: \/nowhere\/r\.yaml cannot be read/);
    });
  });

  describe('redis', () => {
    it('that is not there', async () => {
      const url = `redis://:${PASSWORD}@127.0.0.1:${await freePort()}/0`;
      assert.match(await trouble({ redis: { url } }), /ECONNREFUSED.*; start it, or correct/);
      const socket = { url: `unix://${dir.path}/no.sock` };
      assert.match(await trouble({ redis: socket }), /ENOENT.*; start it, or correct the path/);
    });

    it('whose password is wrong, or missing', async () => {
      const wrong = { url: `redis://:not-this@127.0.0.1:${redisPort}/0` };
      const line = await trouble({ redis: wrong });
      assert.match(line, /WRONGPASS.*; correct user and password/);
      assert.doesNotMatch(line, /not-this/);
      const none = { url: `redis://127.0.0.1:${redisPort}/0` };
      assert.match(await trouble({ redis: none }), /NOAUTH.*; put its password into redis\.url/);
    });

    it('that keeps nothing, where that would open doors', async () => {
      const secret = 'x'.repeat(32);
      const launch = [{ issuer: 'portal', algorithm: 'HS256', secret }];
      const links = await trouble({ launch });
      assert.match(links, /takes used launch links again; set appendonly yes/);
      const codes = await trouble({ signIn: { totp: ['admin'] } });
      assert.match(codes, /in without their second factor; set appendonly yes/);
    });

    it('that is a replica, and that throws data away', async () => {
      const redis = await parts.start(startRedis());
      await askRedis(redis.url, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
      const lossy = await trouble({ redis: { url: redis.url } });
      assert.match(lossy, /maxmemory-policy allkeys-lru\); set maxmemory-policy noeviction/);
      await askRedis(redis.url, 'REPLICAOF', '127.0.0.1', '1');
      assert.match(await trouble({ redis: { url: redis.url } }), /replica: name the primary/);
    });

    it('that is stopped', async () => {
      const redis = await parts.start(startRedis());
      process.kill(redis.pid, 'SIGSTOP');
      try {
        assert.match(await trouble({ redis: { url: redis.url } }), /no answer in 4 s/);
      } finally {
        process.kill(redis.pid, 'SIGCONT');
      }
    });
  });

  describe('sources of people', () => {
    const nobody = 'http://127.0.0.1:1';
    const oidc = { id: 'sso', issuer: nobody, clientId: 'rackside', defaultRole: 'customer' };

    it('that are well', async () => {
      const provider = await parts.start(startOidc({ people: {}, redirectUris: [`${nobody}/`] }));
      const ldap = await parts.start(startLdap({ anna: [] }));
      const { url, service } = ldap;
      const source = { id: 'corp', url, ...service, userBase: PEOPLE, defaultRole: 'customer' };
      const changes = {
        oidc: [{ ...oidc, issuer: provider.issuer }],
        ldap: [{ ...source, prefix: 'a' }],
      };
      const { code, lines } = await examine(healthy(changes));
      assert.equal(code, 0, lines.join('\n'));
      assert.match(lines.join('\n'), /^ok {5}oidc sso: .*\nok {5}ldap corp: /m);

      const account = { ...source, bindPassword: 'not-this-password' };
      const refused = await trouble({ ldap: [account] });
      assert.match(refused, /ldap corp: .*; correct bindDn and bindPassword$/);
      assert.doesNotMatch(refused, /not-this/);
      const nowhere = { ...source, userBase: 'ou=nowhere,dc=example,dc=org' };
      assert.match(await trouble({ ldap: [nowhere] }), /; correct userBase or groupBase/);
    }).timeout(20_000);

    it('that are not there', async () => {
      const away = { ...oidc, issuer: `http://127.0.0.1:${await freePort()}` };
      assert.match(await trouble({ oidc: [away] }), /oidc sso: .*ECONNREFUSED; correct issuer/);
      const source = { id: 'corp', url: 'ldap://127.0.0.1:1', userBase: PEOPLE };
      const ldap = [{ ...source, defaultRole: 'customer' }];
      assert.match(await trouble({ ldap }), /ldap corp: .*ECONNREFUSED.*; start it/);
    });
  });

  describe('guacd', () => {
    const locations = (...all: Address[]): object => ({ locations: { default: { guacd: all } } });

    it('that is not there, beside one that is', async () => {
      const away = { host: '127.0.0.1', port: await freePort() };
      const line = await trouble(locations(guacd, away));
      assert.ok(line.includes(`127.0.0.1:${away.port} takes no connection (ECONNREFUSED)`), line);
    });

    it('that is another server', async () => {
      const other = parts.add(await server(() => 'SSH-2.0-OpenSSH_9.2\r\n'));
      assert.match(
        await trouble(locations(other)),
        /something other than guacd; correct locations/,
      );
    });

    it('that lacks the protocol of a machine; of no machine is a note', async () => {
      const partial = parts.add(
        await server((request) => (/rdp|ssh/.test(request) ? '' : '4.args,13.VERSION_1_5_0;')),
      );
      const consoles = { ssh: { host: 'h' } };
      const providers = [{ id: 'lab', type: 'static', machines: [{ id: 'm', consoles }] }];
      const { code, troubles } = await examine(healthy({ ...locations(partial), providers }));
      assert.equal(code, 1);
      assert.deepEqual(
        troubles.filter((line) => line.includes('guacd')).map((line) => line.split('; ')[1]),
        ['install its libguac-client-rdp', 'install its libguac-client-ssh'],
      );
      assert.match(troubles.join('\n'), /^note .*has no rdp;.*\n.*\n?wrong .*has no ssh, which/m);
    });
  });

  describe('dataDir', () => {
    it('that is no folder', async () => {
      const file = join(dir.path, 'file');
      await writeFile(file, '');
      assert.match(await trouble({ dataDir: file }), /file is no folder; name another/);
    });

    it('that cannot be written to, or made', async () => {
      const closed = join(dir.path, 'closed');
      await mkdir(closed, { mode: 0o500 });
      // Root may write everywhere, unless it does without that right (capabilities(7)).
      const within =
        process.getuid?.() === 0
          ? ['setpriv', '--inh-caps', '-dac_override', '--bounding-set', '-dac_override', '--']
          : [];
      assert.match(await trouble({ dataDir: closed }, { within }), /cannot be written to by uid/);
      const inside = join(closed, 'a/b');
      assert.match(
        await trouble({ dataDir: inside }, { within }),
        /is not there, and uid \d+ cannot/,
      );
    });

    it('whose key others can read', async () => {
      const data = join(dir.path, 'keyed');
      await mkdir(data);
      await writeFile(join(data, 'key'), 'x');
      await chmod(join(data, 'key'), 0o644);
      assert.match(await trouble({ dataDir: data }), /can be read by others.*; chmod 600 .*key$/);
    });
  });

  describe('publicUrl', () => {
    const wide = { listen: { host: '0.0.0.0' } };
    const own = { host: '127.0.0.1' };
    for (const [what, changes, expected] of [
      ['that browsers reach unencrypted', { publicUrl: 'http://192.0.2.1' }, /unencrypted; put a/],
      ['that no name server knows', { publicUrl: 'https://nosuch.invalid' }, /unknown to this/],
      ['that no browser can open', { publicUrl: 'http://0.0.0.0:8080' }, /no address that a/],
      ['that is each browser itself', { ...wide, publicUrl: 'http://localhost' }, /to themselves/],
      ['that is missing where others come', { ...wide, publicUrl: undefined }, /none, and 0\.0\.0/],
    ] as const) {
      it(what, async () => assert.match(await trouble({ listen: own, ...changes }), expected));
    }

    it('behind a proxy that is not named is a note', async () => {
      const { code, troubles } = await examine(healthy({ publicUrl: 'https://192.0.2.1' }));
      assert.equal(code, 0);
      assert.match(troubles.join('\n'), /^note {3}publicUrl: .*listen\.trustedProxies/m);
    });
  });
});

/** Stands where guacd would, for what a real one does only when parts of it are missing. */
async function server(answer: (request: string) => string): Promise<Address & { stop(): void }> {
  const listening = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => socket.write(answer(String(chunk))));
  });
  await new Promise<void>((resolve) => {
    listening.listen(0, '127.0.0.1', resolve);
  });
  const { port } = listening.address() as AddressInfo;
  return { host: '127.0.0.1', port, stop: () => listening.close() };
}
