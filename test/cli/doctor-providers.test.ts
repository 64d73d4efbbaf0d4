import assert from 'node:assert/strict';
import { once } from 'node:events';
import { X509Certificate, randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, type Server, createServer } from 'node:net';
import { join } from 'node:path';
import { createClient } from '@node-redis/client';
import { checkBridges } from '../../server/cli/doctor/check-bridges.ts';
import { checkProviders } from '../../server/cli/doctor/check-providers.ts';
import { parseConfig } from '../../server/config.ts';
import { freePort } from '../../server/platform/ports.ts';
import { HetznerSimulator } from '../simulators/hetzner.ts';
import { OpenNebulaSimulator } from '../simulators/opennebula.ts';
import { OvirtSimulator } from '../simulators/ovirt.ts';
import { ProxmoxSimulator } from '../simulators/proxmox.ts';
import { makeCertificate } from '../support/certificate.ts';
import { cleanUp } from '../support/dispose.ts';
import { startGuacd } from '../support/guacd.ts';
import { logBook } from '../support/log-book.ts';
import { startRedis } from '../support/redis.ts';
import { type TempDir, makeTempDir } from '../support/temp-dir.ts';
import { type Examined, examine, onlyTrouble } from './support/examine.ts';
import type { CliOptions } from './support/run-cli.ts';

describe('rackside doctor, of providers', function () {
  this.timeout(60_000);
  const parts = cleanUp();
  const each = cleanUp('each');
  let dir: TempDir;
  let redis: { readonly url: string };
  let guacd: { readonly host: string; readonly port: number };
  let engine: OvirtSimulator;
  let cloud: HetznerSimulator;
  let one: OpenNebulaSimulator;
  let other: string;

  before(async () => {
    dir = await parts.start(makeTempDir('doctor-providers'));
    [redis, guacd, engine, other] = await Promise.all([
      parts.start(startRedis()),
      parts.start(startGuacd()),
      parts.start(OvirtSimulator.start()),
      makeCertificate().then(({ cert }) => cert),
    ]);
    engine.add({ name: 'web' });
  });
  beforeEach(async () => {
    cloud = await each.start(HetznerSimulator.start());
    one = await each.start(OpenNebulaSimulator.start());
    cloud.cloud.add({ name: 'web', labels: { console: 'yes' } });
    one.vms.push({ id: 7, name: 'web', numbers: [3, 3] });
  });
  afterEach(() => {
    engine.faults.mend();
    engine.refusesAll = false;
  });

  const ov = (changes: object = {}) => {
    const { url, username, password, ca } = engine;
    return { id: 'ov', type: 'ovirt', url, username, password, ca, ...changes };
  };
  const hz = (changes: object = {}) => {
    const { token: apiToken, url: baseUrl } = cloud;
    return { id: 'hz', type: 'hetzner', apiToken, baseUrl, ...changes };
  };
  const nebula = (changes: object = {}) => {
    return { id: 'one', type: 'opennebula', url: one.url, session: one.session, ...changes };
  };
  async function folder(name: string, files: Record<string, string>): Promise<string> {
    const path = join(dir.path, name);
    await mkdir(path);
    for (const [file, text] of Object.entries(files)) await writeFile(join(path, file), text);
    return path;
  }

  async function examined(
    providers: readonly object[],
    changes: object = {},
    options: CliOptions = {},
  ): Promise<Examined> {
    const config = {
      ...{ publicUrl: 'http://localhost', dataDir: join(dir.path, 'data') },
      redis: { url: redis.url },
      locations: { default: { guacd: [{ host: guacd.host, port: guacd.port }] } },
      apiTokens: [{ name: 'a', role: 'support', tokenHash: 'a'.repeat(64) }],
      ...changes,
      providers,
    };
    const found = await examine(dir.path, config, options);
    const said = found.lines.join('\n');
    for (const secret of [engine.password, cloud.token, cloud.readOnlyToken, one.session])
      assert.ok(!said.includes(secret), 'a secret is shown');
    return found;
  }
  const trouble = async (provider: object, changes?: object, options?: CliOptions) =>
    onlyTrouble(await examined([provider], changes, options));

  it('says how many machines each has, and that guacd reaches the bridges', async () => {
    const path = await folder('well', { 'one-7': `${token()}: kvm1:5907\n` });
    const consoles = { vnc: { host: '192.0.2.1' } };
    const { code, lines } = await examined([
      ...[ov(), hz({ label: 'console=yes' }), nebula()],
      { id: 'ws', type: 'websockify', path },
      { id: 'lab', type: 'static', machines: [{ id: 'desk', consoles }] },
    ]);
    assert.equal(code, 0, lines.join('\n'));
    for (const id of ['ov', 'hz', 'one', 'ws', 'lab'])
      assert.ok(lines.includes(`ok     provider ${id}: lists 1 machines`), lines.join('\n'));
    assert.match(lines.join('\n'), /^ok {5}bridges: guacd of default .* reaches this gateway/m);
    assert.equal(engine.sessions, 0, 'it signs out');
  });

  it('counts its calls in the limit that the gateways share, and does without a Redis that is away', async () => {
    await examined([hz()]);
    const client = createClient({ url: redis.url });
    await client.connect();
    const kept = await client.keys('*');
    await client.close();
    assert.ok(kept.length > 0 && kept.every((key) => key.startsWith('rackside:rate:hetzner:')));
    const away = await examined([hz()], { redis: { url: 'redis://127.0.0.1:1' } });
    assert.ok(away.lines.includes('ok     provider hz: lists 1 machines'));
    assert.match(onlyTrouble(away), /wrong {2}redis: /);
  });

  describe('the address', () => {
    it('whose host name nobody knows', async () => {
      assert.match(
        await trouble(ov({ url: 'https://nosuch.invalid' })),
        /provider ov: cannot be reached \((ENOTFOUND|EAI_AGAIN)\); correct the host in url \(https:\/\/nosuch\.invalid\/ovirt-engine\)/,
      );
    });

    it('at which nobody listens', async () => {
      const url = `http://127.0.0.1:${await freePort()}/RPC2`;
      assert.match(
        await trouble(nebula({ url })),
        /provider one: cannot be reached \(ECONNREFUSED\); start it, or correct host and port/,
      );
    });

    it('at which something else listens that speaks no HTTP', async () => {
      const ssh = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.end('SSH-2.0-OpenSSH_9.2\r\n');
      }).listen(0, '127.0.0.1');
      each.add(() => ssh.close());
      const url = `http://127.0.0.1:${await portOf(ssh)}/RPC2`;
      assert.match(
        await trouble(nebula({ url })),
        /does not speak HTTP\); something else answers there: correct host, port/,
      );
    });

    it('at which HTTP listens in the place of HTTPS, and the other way round', async () => {
      const url = cloud.url.replace('http:', 'https:');
      assert.match(
        await trouble(hz({ baseUrl: url })),
        /no TLS there: ERR_SSL_WRONG_VERSION_NUMBER\); .* does not speak TLS: correct the port/,
      );
      const plain = `${engine.url.replace('https:', 'http:')}/RPC2`;
      assert.match(await trouble(nebula({ url: plain })), /; it ends connections: correct http or/);
    });

    it('whose path is another', async () => {
      const paths: object[] = [
        hz({ baseUrl: cloud.url.replace('/v1', '/v2') }),
        nebula({ url: one.url.replace('RPC2', 'RPC') }),
      ];
      for (const section of paths)
        assert.match(await trouble(section), /(baseUrl right\?|HTTP 404); correct the path in/);
    });

    it('at which a page asks people to sign in', async () => {
      cloud.faults.fail('html');
      assert.match(
        await trouble(hz()),
        /provider hz: answers with a web page \(HTTP 200\); what answers is made for people/,
      );
      one.faults.fail('html');
      assert.match(await trouble(nebula()), /answers a web page; what answers is made for people/);
    });

    it('at which another API answers', async () => {
      const stranger = createHttpServer((_request, response) => response.end('{"hello":"world"}'));
      stranger.listen(0, '127.0.0.1');
      each.add(() => {
        stranger.closeAllConnections();
        stranger.close();
      });
      const baseUrl = `http://127.0.0.1:${await portOf(stranger)}/v1`;
      assert.match(
        await trouble(hz({ baseUrl })),
        /answers otherwise than it should: servers; something else answers there/,
      );
    });

    it('at which nobody answers in time, or with an error of its own', async () => {
      one.faults.fail('hang', 9);
      const late = await trouble(nebula({ timeout: 0.5 }));
      assert.match(late, /does not answer in time; see how busy it is, raise timeout/);
      one.faults.mend();
      one.faults.fail('server_error', 9);
      assert.match(await trouble(nebula()), /answers HTTP 500; see its own log/);
    });
  });

  it('says of whom it does not wait for longer, and what may help', async () => {
    one.faults.fail('hang', 9);
    // Its list comes; what it is asked besides does not.
    cloud.faults.fail('slow');
    cloud.faults.fail('hang', 9);
    const config = parseConfig({ providers: [nebula(), hz()] }, 'it');
    const found = await checkProviders(config, 1500);
    const mend = (place: string) =>
      `see how busy it is, raise timeout where there is one, or ${place}`;
    assert.deepEqual(
      found.map(({ level, what, message }) => `${level} ${what}: ${message}`),
      [
        `wrong provider one: does not list its machines within 1.5 s; ${mend(`correct url (${one.url})`)}`,
        'ok provider hz: lists 1 machines',
        `wrong provider hz: lists its machines, and does not answer the rest within 1.5 s; ${mend(`correct baseUrl (${cloud.url})`)}`,
      ],
    );
  });

  describe('the account', () => {
    it('whose credentials are wrong, and shows none of them', async () => {
      const password = logBook.secret('not-the-password');
      const wrong: [object, RegExp][] = [
        [ov({ password }), /refuses the configured username.*; correct username .* and password/],
        [hz({ apiToken: password }), /does not accept the API token; correct apiToken, which may/],
        [nebula({ session: `u:${password}` }), /know the account: .*; correct session, which may/],
      ];
      for (const [section, words] of wrong) {
        const line = await trouble(section);
        assert.match(line, words);
        assert.ok(!line.includes(password));
      }
    });

    it('whose token is over as soon as it is issued', async () => {
      engine.forgetsTokens = true;
      each.add(() => void (engine.forgetsTokens = false));
      assert.match(await trouble(ov()), /that it has just issued; compare the clocks/);
    });

    it('that lacks a permission', async () => {
      const reader = await examined([hz({ apiToken: cloud.readOnlyToken })]);
      assert.match(
        onlyTrouble(reader),
        /the API token may only read: it needs read and write; give the account of apiToken/,
      );
      assert.ok(reader.lines.includes('ok     provider hz: lists 1 machines'));
      const user = await each.start(OvirtSimulator.start({ userLevel: true }));
      const { url, username, password, ca } = user;
      assert.match(
        await trouble(ov({ url, username, password, ca })),
        /is not allowed to do this.*; give the account of username .* the permissions/,
      );
      const pve = await each.start(ProxmoxSimulator.start());
      pve.add({ ...{ vmid: 100, type: 'qemu', node: 'n', name: 'web', status: 'running' } });
      pve.denied.add('VM.Console');
      const cluster = { id: 'pve', type: 'proxmox', url: pve.url, token: pve.token };
      assert.match(
        await trouble(cluster),
        /the API token lacks VM\.Console on 1 of 1 guests, such as \/vms\/100; give the account of/,
      );
    });
  });

  describe('the certificate', () => {
    it('that no CA vouches for, or another one', async () => {
      for (const ca of [undefined, other]) {
        assert.match(
          await trouble(ov({ ca })),
          /certificate refused: DEPTH_ZERO_SELF_SIGNED_CERT\); name the CA .* in caFile, or its/,
        );
      }
    });

    it('that is for another name', async () => {
      const url = engine.url.replace('127.0.0.1', 'localhost');
      assert.match(await trouble(ov({ url })), /ALTNAME_INVALID\); write the name that is in the/);
    });

    it('that has another fingerprint', async () => {
      const { fingerprint256 } = new X509Certificate(other);
      assert.match(
        await trouble(ov({ ca: undefined, fingerprint: fingerprint256 })),
        /another certificate than is configured; if the certificate was renewed, correct fingerp/,
      );
    });

    it('that a file should have, and has not', async () => {
      const caFile = join(dir.path, 'ca.pem');
      await writeFile(caFile, 'this is no certificate');
      const file = ov({ ca: undefined, caFile });
      assert.match(await trouble(file), /config: providers\.0\.ca.*expected certificates in PEM/);
      const missing = ov({ ca: undefined, caFile: `${caFile}.none` });
      assert.match(
        await trouble(missing),
        /config: providers\.0\.caFile: cannot be read \(ENOENT\)/,
      );
    });

    it('of hosts that the engine does not show', async () => {
      const x509 = await trouble(ov({ vncSecurity: 'x509' }));
      assert.match(x509, /does not show the CA of its hosts: configure hostCa/);
    });
  });

  describe('the list', () => {
    it('that is empty, by what keeps machines out of it', async () => {
      const path = await folder('empty', {});
      const { code, troubles } = await examined([
        hz({ label: 'console=no' }),
        ov({ search: 'name=db' }),
        nebula({ id: 'none' }),
        { id: 'ws', type: 'websockify', path },
      ]);
      assert.equal(code, 0);
      const said = troubles.join('\n');
      assert.match(said, /^note {3}provider hz: .* no server .* label console=no \(label\)$/m);
      assert.match(said, /^note {3}provider ov: .* none is found by name=db \(search\)$/m);
      assert.match(said, /^note {3}provider ws: .*there is no line `token: host:port` in .*empty/m);
      assert.doesNotMatch(said, /provider none/);
    });

    it('that a search is to find which the engine does not understand', async () => {
      assert.match(
        await trouble(ov({ search: 'clustr is customers' })),
        /does not understand `search`: .*; correct search, as the search of its own pages takes it/,
      );
    });

    it('that a proxy refuses', async () => {
      engine.faults.fail('slow');
      engine.faults.fail('proxy_forbids');
      const line = await trouble(ov());
      assert.match(line, /a web page \(HTTP 403\), as a proxy does.*or a proxy: correct url/);
      assert.doesNotMatch(line, /another user/);
    });

    it('whose machines are nobody’s, though it should say whose they are', async () => {
      const { code, troubles } = await examined([hz({ owner: { label: 'custmer' } })]);
      assert.equal(code, 0);
      assert.match(troubles.join('\n'), /owner\.label custmer is on none of its machines/);
    });
  });

  describe('the token folder', () => {
    const ws = (path: string) => ({ id: 'ws', type: 'websockify', path });

    it('that is not there', async () => {
      const line = await trouble(ws(join(dir.path, 'nowhere')));
      assert.match(line, /nowhere cannot be read \(ENOENT\); make it, or correct path/);
    });

    it('that the gateway may not read, and one of its files', async () => {
      const path = await folder('closed', { 'one-7': `${token()}: kvm1:5907\n` });
      // Root may read everywhere, unless it does without that right (capabilities(7)).
      const rights = '-dac_override,-dac_read_search';
      const setpriv = ['setpriv', '--inh-caps', rights, '--bounding-set', rights, '--'];
      const within = process.getuid?.() === 0 ? setpriv : [];
      await chmod(path, 0o000);
      const line = await trouble(ws(path), {}, { within });
      assert.match(line, /closed cannot be read \(EACCES\); let the gateway's user .* read it/);
      await chmod(path, 0o700);
      await chmod(join(path, 'one-7'), 0o000);
      const { code, troubles } = await examined([ws(path)], {}, { within });
      assert.equal(code, 0);
      assert.match(troubles.join('\n'), /token file cannot be read \(one-7, EACCES\)/);
    });
  });

  it('says which location is not configured', async () => {
    assert.match(
      await trouble(hz({ location: 'moon' })),
      /config: providers\.0\.location: unknown location "moon", expected one of default/,
    );
  });

  it('finds bridges that guacd does not reach, by making it try', async () => {
    assert.match(
      await trouble(hz(), { bridges: { listen: '127.0.0.1', advertise: 'nosuch.invalid' } }),
      /bridges: guacd of default \(.*\) does not reach this gateway at nosuch\.invalid.*; set bridges/,
    );
    assert.match(
      await trouble(hz(), { bridges: { listen: '192.0.2.1' } }),
      /bridges: 192\.0\.2\.1 cannot be listened on .*; write an address of this machine/,
    );
    const host = { id: 'a', address: '192.0.2.9', username: 'u', password: 'p' };
    const here = { guacd: [{ host: guacd.host, port: guacd.port }] };
    const config = parseConfig(
      {
        locations: { default: here, far: here, own: here },
        providers: [
          {
            id: 'metal',
            type: 'bmc',
            location: 'far',
            hosts: [host, { ...host, id: 'b', location: 'own' }],
          },
        ],
      },
      'it',
    );
    assert.deepEqual(
      (await checkBridges(config)).map(({ level, message }) => [level, message.split(' (', 1)[0]]),
      [
        ['ok', 'guacd of far'],
        ['ok', 'guacd of own'],
      ],
    );
    // Who needs no bridge is not troubled with them.
    const { code } = await examined([nebula()], { bridges: { listen: '192.0.2.1' } });
    assert.equal(code, 0);
  });
});

function token(): string {
  return logBook.secret(randomBytes(12).toString('hex'));
}

async function portOf(server: Server): Promise<number> {
  if (!server.listening) await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
