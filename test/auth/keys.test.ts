import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { inspect } from 'node:util';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { ConsoleBearer } from '../../server/auth/console-bearer.ts';
import { KeyRing, ownKey } from '../../server/auth/key-ring.ts';
import { Secret } from '../../server/secret.ts';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const key = (id: string, fill: number) => ({
  id,
  secret: new Secret(Buffer.alloc(32, fill).toString('base64')),
});

const bearersOf = (...keys: ReturnType<typeof key>[]) =>
  new ConsoleBearer(new KeyRing(keys).derive('console bearer'), Date.now);

describe('the key ring', () => {
  const parts = cleanUp('each');

  it('derives another key for each purpose, the same one each time', () => {
    const ring = new KeyRing([key('k1', 1)]);
    const [a, again, b] = ['a', 'a', 'b'].map((purpose) => ring.derive(purpose)[0]?.secret);
    assert.deepEqual(a, again);
    assert.notDeepEqual(a, b);
    assert.equal(a?.length, 32);
  });

  it('makes its own key once, also when several processes start at the same time', async () => {
    const dir = parts.add(await makeTempDir('keys'));
    const made = await Promise.all([1, 2, 3].map(() => ownKey(dir.path)));
    const again = await ownKey(dir.path);
    assert.equal(new Set([...made, again].map(({ secret }) => secret.reveal())).size, 1);
    assert.equal(Buffer.from(again.secret.reveal(), 'base64').length, 32);
    const file = join(dir.path, 'key');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal(await readFile(file, 'utf8'), again.secret.reveal());
  });
});

describe('a secret', () => {
  it('shows itself to nobody but who asks for it', () => {
    const secret = new Secret('hunter2');
    const shown = [String(secret), JSON.stringify({ secret }), inspect({ secret })].join();
    assert.doesNotMatch(shown, /hunter2/);
    assert.equal(secret.reveal(), 'hunter2');
  });
});

describe("a console's bearer", () => {
  const later = Date.now() + 60_000;
  const c1 = { console: 'c1', viewer: null };

  it('opens the console that it was issued for', () => {
    const bearers = bearersOf(key('k1', 1));
    assert.deepEqual(bearers.open(bearers.issue(c1, later)), c1);
  });

  it('names the viewer for whom it was issued', () => {
    const bearers = bearersOf(key('k1', 1));
    const viewer = { console: 'c1', viewer: 'v1' };
    assert.deepEqual(bearers.open(bearers.issue(viewer, later)), viewer);
  });

  it('is still good after the key was rotated, and not after it was removed', () => {
    const old = bearersOf(key('k1', 1)).issue(c1, later);
    assert.deepEqual(bearersOf(key('k2', 2), key('k1', 1)).open(old), c1);
    assert.equal(bearersOf(key('k2', 2)).open(old), undefined);
  });

  it('is nothing when it has expired, was changed, or is unsigned', () => {
    const bearers = bearersOf(key('k1', 1));
    assert.equal(bearers.open(bearers.issue(c1, Date.now() - 2000)), undefined);
    const [head, , signature] = bearers.issue(c1, later).split('.');
    const [, otherBody] = bearers.issue({ console: 'c2', viewer: null }, later).split('.');
    assert.equal(bearers.open(`${head}.${otherBody}.${signature}`), undefined);
    const claims = { sub: 'c1', aud: 'rackside:console' };
    const unsigned = jwt.sign(claims, '', { algorithm: 'none', keyid: 'k1' });
    assert.equal(bearers.open(unsigned), undefined);
    assert.equal(bearers.open('garbage'), undefined);
  });
});
