import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, ConfigError, loadConfig, parseConfig } from '../../server/config.ts';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const SECRET = Buffer.alloc(32, 7).toString('base64');

function machine(vnc: object, more: object = {}): object {
  const desk = { id: 'desk', consoles: { vnc: { host: 'h', ...vnc } }, ...more };
  return { providers: [{ id: 'lab', type: 'static', machines: [desk] }] };
}

function vncOf({ providers }: Config) {
  const lab = providers.find((provider) => provider.type === 'static');
  return lab?.machines[0]?.consoles.vnc;
}

function faultsOf(tree: unknown): string {
  try {
    parseConfig(tree, 'file');
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return 'no fault';
}

describe('the configuration', () => {
  const parts = cleanUp('each');

  it('takes a number of workers or "auto", from the environment too', () => {
    const from = (value: string) => loadConfig(undefined, { RACKSIDE_WORKERS: value }).workers;
    assert.equal(parseConfig({}, 'file').workers, 1);
    assert.deepEqual([from('4'), from('auto')], [4, 'auto']);
    for (const workers of [0, 65, 1.5, 'many']) {
      assert.match(
        faultsOf({ workers }),
        /workers: expected a whole number from 1 to 64, or "auto"/,
      );
    }
  });

  it('needs nothing: every setting has a default', () => {
    const config = parseConfig({}, 'file');
    const { listen } = config;
    assert.deepEqual(listen, { host: '127.0.0.1', port: 8080, trustedProxies: [], drain: 0 });
    assert.deepEqual(config.consoles, {
      ttl: 7200,
      extendStep: 3600,
      maxTtl: 28_800,
      idle: 900,
      grace: 60,
      tokenTtl: 30,
      askCredentials: true,
      approvalTtl: 900,
      perCustomer: 50,
    });
    assert.equal(config.redis, undefined);
    assert.equal(config.locations, undefined);
  });

  const faults: [string, object, RegExp][] = [
    ['an unknown key', { lisen: {} }, /^ {2}lisen: unknown key, expected one of listen, /m],
    ['an unknown key deep inside', machine({ prt: 1 }), /\.consoles\.vnc\.prt: unknown key/],
    [
      'a wrong type',
      { listen: { port: 'x' } },
      /^ {2}listen\.port: invalid input: expected number/m,
    ],
    ['a port out of range', { listen: { port: 70_000 } }, /listen\.port: too big/],
    [
      'a short key',
      { keys: [{ id: 'k', secret: 'c2hvcnQ=' }] },
      /keys\.0\.secret: .*at least 32 bytes/,
    ],
    [
      'a key that is no base64',
      { keys: [{ id: 'k', secret: '%%' }] },
      /keys\.0\.secret: expected base64/,
    ],
    [
      'two keys of one id',
      { keys: [0, 1].map(() => ({ id: 'k1', secret: SECRET })) },
      /keys\.1\.id: duplicate id "k1"/,
    ],
    [
      'two machines of one id',
      {
        providers: [
          {
            id: 'lab',
            type: 'static',
            machines: [0, 1].map(() => ({ id: 'm', consoles: { ssh: { host: 'h' } } })),
          },
        ],
      },
      /providers\.0\.machines\.1\.id: duplicate id "m"/,
    ],
    [
      'an unknown location',
      machine({}, { location: 'mars' }),
      /providers\.0\.machines\.0\.location: unknown location "mars", expected one of default/,
    ],
    [
      'an unknown type of provider',
      { providers: [{ id: 'x', type: 'nope' }] },
      /providers\.0\.type: .*static/,
    ],
    [
      'an id with a colon',
      { providers: [{ id: 'a:b', type: 'static', machines: [] }] },
      /providers\.0\.id: expected letters/,
    ],
    [
      'a machine without a console',
      machine({}, { consoles: {} }),
      /consoles: expected at least one of vnc, rdp, ssh, telnet/,
    ],
    [
      'an unknown guacd parameter',
      machine({ params: { foo: 1 } }),
      /params\.foo: is no parameter of guacd's vnc/,
    ],
    [
      'a guacd parameter of another protocol',
      machine({ params: { security: 'any' } }),
      /params\.security: is no parameter of guacd's vnc/,
    ],
    [
      'a guacd parameter that the gateway sets',
      machine({ params: { hostname: 'x' } }),
      /params\.hostname: is set by the gateway: set `host`/,
    ],
    [
      'a password hash that is none',
      { users: [{ name: 'a', role: 'admin', passwordHash: 'secret' }] },
      /users\.0\.passwordHash: expected an argon2id hash/,
    ],
    [
      'a token instead of its hash',
      { apiTokens: [{ name: 'a', role: 'admin', tokenHash: 'tok' }] },
      /apiTokens\.0\.tokenHash: expected the token's sha256/,
    ],
    [
      'an unknown role',
      { apiTokens: [{ name: 'a', role: 'root', tokenHash: 'a'.repeat(64) }] },
      /apiTokens\.0\.role: .*"customer"/,
    ],
    [
      'a ttl above maxTtl',
      { consoles: { ttl: 100, maxTtl: 50 } },
      /consoles\.ttl: expected at most consoles\.maxTtl/,
    ],
    [
      'a publicUrl with a path',
      { publicUrl: 'https://a/b' },
      /publicUrl: expected scheme, host and port only/,
    ],
    [
      'a publicUrl of another scheme',
      { publicUrl: 'ftp://a' },
      /publicUrl: expected an http or https URL/,
    ],
    [
      'a location without a guacd',
      { locations: { a: { guacd: [] } } },
      /locations\.a\.guacd: too small/,
    ],
    ['a Redis URL that is none', { redis: { url: 'localhost' } }, /redis\.url: expected redis:/],
  ];
  for (const [what, tree, expected] of faults) {
    it(`refuses ${what} by its path`, () => assert.match(faultsOf(tree), expected));
  }

  it('names every fault at once', () => {
    const lines = faultsOf({ listen: { port: -1 }, consoles: { ttl: 'x' }, nope: 1 }).split('\n');
    assert.equal(lines.length, 4, lines.join('\n'));
  });

  it('never shows a secret that is wrong', () => {
    assert.doesNotMatch(faultsOf({ keys: [{ id: 'k', secret: 'hunter2hunter2' }] }), /hunter2/);
  });

  it('names a value that YAML has cut into keys, and shows no piece of it', async () => {
    const dir = parts.add(await makeTempDir('config'));
    const file = join(dir.path, 'a.yaml');
    const hash = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaGhhc2g';
    await writeFile(file, `users:\n  - { name: alice, role: customer, passwordHash: ${hash} }\n`);
    assert.throws(
      () => loadConfig(file, {}),
      (error: Error) => /users\.0: .*quotes/.test(error.message) && !/c29tZ/.test(error.message),
    );
  });

  it('takes numbers and booleans for guacd parameters, 0 and false among them', () => {
    const config = parseConfig(
      machine({ params: { 'color-depth': 0, 'enable-audio': false } }),
      'f',
    );
    const params = vncOf(config)?.params;
    assert.deepEqual(params, { 'color-depth': '0', 'enable-audio': 'false' });
  });

  it('takes every scalar from the environment too, over the file', async () => {
    const dir = parts.add(await makeTempDir('config'));
    const file = join(dir.path, 'rackside.yaml');
    await writeFile(file, 'consoles: { ttl: 60, grace: 5 }\nlisten: { host: 127.0.0.2 }\n');
    const config = loadConfig(file, {
      RACKSIDE_CONSOLES_TTL: '90',
      RACKSIDE_CONSOLES_TOKEN_TTL: '7',
      RACKSIDE_LISTEN_PORT: '0',
      RACKSIDE_LISTEN_DRAIN: '5',
      RACKSIDE_LOCATIONS_DEFAULT_GUACD_0_HOST: 'guacd',
      RACKSIDE_KEYS_0_ID: 'k1',
      RACKSIDE_KEYS_0_SECRET: SECRET,
      RACKSIDE_LISTEN_TRUSTED_PROXIES_0: '10.0.0.0/8',
      UNRELATED: 'x',
    });
    assert.deepEqual(
      [config.consoles.ttl, config.consoles.grace, config.consoles.tokenTtl],
      [90, 5, 7],
    );
    assert.deepEqual(config.listen, {
      ...{ host: '127.0.0.2', port: 0, trustedProxies: ['10.0.0.0/8'], drain: 5 },
    });
    assert.deepEqual(config.locations, { default: { guacd: [{ host: 'guacd', port: 4822 }] } });
    assert.equal(config.keys?.[0]?.secret.reveal(), SECRET);
  });

  it('refuses a variable that names no setting', () => {
    assert.throws(
      () => loadConfig(undefined, { RACKSIDE_LISTEN_PROT: '1' }),
      /RACKSIDE_LISTEN_PROT: unknown environment variable/,
    );
  });

  it('reads secrets from files, named in the file or in the environment', async () => {
    const dir = parts.add(await makeTempDir('config'));
    const [file, key, password] = ['a.yaml', 'key', 'pw'].map((name) => join(dir.path, name));
    assert.ok(file && key && password);
    await writeFile(key, `${SECRET}\n`);
    await writeFile(password, 'from a file');
    await writeFile(file, JSON.stringify(machine({ passwordFile: password })));
    const config = loadConfig(file, {
      RACKSIDE_KEYS_0_ID: 'k1',
      RACKSIDE_KEYS_0_SECRET_FILE: key,
    });
    assert.equal(config.keys?.[0]?.secret.reveal(), SECRET);
    const vnc = vncOf(config);
    assert.equal(vnc?.password?.reveal(), 'from a file');
  });

  it('names a secret file that cannot be read, and one that is given beside the value', () => {
    const loading = (key: object) => () => {
      loadConfig(undefined, {
        RACKSIDE_KEYS_0_ID: 'k1',
        RACKSIDE_KEYS_0_SECRET_FILE: '/nowhere/key',
        ...key,
      });
    };
    assert.throws(loading({}), /keys\.0\.secretFile: cannot be read/);
    assert.throws(
      loading({ RACKSIDE_KEYS_0_SECRET: SECRET }),
      /secretFile: set secret or secretFile, not both/,
    );
  });

  it('says where a file is no YAML and shows nothing of it, and that a file is missing', async () => {
    const dir = parts.add(await makeTempDir('config'));
    const file = join(dir.path, 'a.yaml');
    for (const [text, place] of [
      ['users:\n  - password: geheim\n   role: admin\n', 'line 3, column 1'],
      ['a: 1\npassword: @geheim\n', 'line 2, column 11'],
      ['a: 1\npassword: *geheim\n', 'line 2, column 11'],
      ['a: 1\npassword: !geheim x\n', 'line 2, column 11'],
    ] as const) {
      await writeFile(file, text);
      assert.throws(
        () => loadConfig(file, {}),
        (error) => {
          assert.ok(error instanceof ConfigError, text);
          assert.ok(error.message.includes(`\n  ${place}: is no valid YAML: `), error.message);
          assert.doesNotMatch(error.message, /geheim/);
          return true;
        },
      );
    }
    assert.throws(
      () => loadConfig(join(dir.path, 'b.yaml'), {}),
      /b\.yaml cannot be used:.*cannot be read/s,
    );
  });
});
