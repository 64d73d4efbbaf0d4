import assert from 'node:assert/strict';
import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { ConfigError, loadConfig, parseConfig } from '../../server/config.ts';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const SECRET = 'thirty-two bytes of a secret, ok';
const pem = ({ publicKey }: { publicKey: KeyObject }) =>
  publicKey.export({ type: 'spki', format: 'pem' }).toString();
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ED = pem(generateKeyPairSync('ed25519'));
const RSA = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }));

describe('a portal in the configuration', () => {
  const parts = cleanUp('each');

  const good: [string, object][] = [
    ['HS256 with a secret of 32 bytes', { algorithm: 'HS256', secret: SECRET }],
    ['RS256 with an RSA key', { algorithm: 'RS256', publicKey: RSA }],
    ['ES256 with a key on P-256', { algorithm: 'ES256', publicKey: pem(ec) }],
    ['EdDSA with an Ed25519 key', { algorithm: 'EdDSA', publicKey: ED }],
  ];
  for (const [what, entry] of good) {
    it(`may be ${what}`, () => {
      const { launch } = parseConfig({ launch: [{ issuer: 'a', ...entry }] }, 'file');
      assert.equal(launch.length, 1);
    });
  }

  const secret = /^ {2}launch\.0\.secret: /m;
  const publicKey = /^ {2}launch\.0\.publicKey: /m;
  const inPem = /publicKey: expected a public key in PEM/;
  const faults: [string, object, RegExp[]][] = [
    ['no secret', { algorithm: 'HS256' }, [secret, /at least 32 bytes/]],
    ['a short secret', { algorithm: 'HS256', secret: SECRET.slice(1) }, [secret, /at least 32/]],
    [
      'a public key for HS256',
      { algorithm: 'HS256', secret: SECRET, publicKey: RSA },
      [publicKey, /expected none, HS256 takes a secret$/m],
    ],
    [
      'a secret beside a key',
      { algorithm: 'EdDSA', publicKey: ED, secret: SECRET },
      [secret, /expected none, EdDSA takes a publicKey$/m],
    ],
    ['no key', { algorithm: 'RS256' }, [publicKey, inPem]],
    ['a key that is none', { algorithm: 'RS256', publicKey: 'AAAA' }, [inPem]],
    [
      'a broken key',
      {
        algorithm: 'RS256',
        publicKey: '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
      },
      [inPem],
    ],
    [
      'a private key',
      {
        algorithm: 'ES256',
        publicKey: ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      },
      [inPem],
    ],
    [
      'a short RSA key',
      { algorithm: 'RS256', publicKey: pem(generateKeyPairSync('rsa', { modulusLength: 1024 })) },
      [publicKey, /an RSA key of at least 2048 bits for RS256/],
    ],
    ['a key of another kind', { algorithm: 'RS256', publicKey: ED }, [/an RSA key/]],
    [
      'a key on another curve',
      {
        algorithm: 'ES256',
        publicKey: pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' })),
      },
      [publicKey, /on the curve P-256 for ES256/],
    ],
    [
      'Ed448',
      { algorithm: 'EdDSA', publicKey: pem(generateKeyPairSync('ed448')) },
      [/an Ed25519 key for EdDSA/],
    ],
    ['no signature', { algorithm: 'none' }, [/launch\.0\.algorithm: .*"HS256"/]],
    ['an unknown key', { algorithm: 'HS256', secrets: 'x' }, [/launch\.0\.secrets: unknown key/]],
  ];
  for (const [what, entry, expected] of faults) {
    it(`is refused with ${what}, by its path`, () => {
      const message = faultsOf({ launch: [{ issuer: 'a', ...entry }] });
      for (const pattern of expected) assert.match(message, pattern);
      assert.ok(!message.includes(SECRET.slice(1)));
    });
  }

  it('is named once', () => {
    const launch = [1, 2].map(() => ({ issuer: 'a', algorithm: 'HS256', secret: SECRET }));
    assert.match(faultsOf({ launch }), /launch\.1\.issuer: duplicate issuer "a"/);
  });

  it('may have its secret and its key in files', async () => {
    const dir = parts.add(await makeTempDir('config'));
    const [file, key, shared] = ['a.yaml', 'key', 'shared'].map((name) => join(dir.path, name));
    assert.ok(file && key && shared);
    await writeFile(key, ED);
    await writeFile(shared, `${SECRET}\n`);
    const launch = [
      { issuer: 'a', algorithm: 'EdDSA', publicKeyFile: key },
      { issuer: 'b', algorithm: 'HS256' },
    ];
    await writeFile(file, JSON.stringify({ launch }));
    const config = loadConfig(file, { RACKSIDE_LAUNCH_1_SECRET_FILE: shared });
    assert.deepEqual(
      config.launch.map((entry) => entry.key.type),
      ['public', 'secret'],
    );
    assert.equal(config.launch[1]?.key.export().toString(), SECRET);
  });
});

function faultsOf(tree: unknown): string {
  try {
    parseConfig(tree, 'file');
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return 'no fault';
}
