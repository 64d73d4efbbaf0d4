import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { verify } from '@node-rs/argon2';
import { parse } from 'yaml';
import { parseConfig } from '../../server/config.ts';
import { runCli, runCliOnTerminal } from './support/run-cli.ts';

describe('rackside hash-password', () => {
  it('prints the hash alone, of standard input without its line end', async () => {
    const { code, stdout, stderr } = await runCli(['hash-password'], { stdin: 'pass wörd \n' });
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^\$argon2id\$\S+\n$/);
    assert.ok(await verify(stdout.trim(), 'pass wörd '));
  });

  it('asks on a terminal, and shows nothing of what is typed', async () => {
    const { code, stdout } = await runCliOnTerminal(
      ['hash-password'],
      [
        ['Password: ', 'not-shown-1\r'],
        ['Once more: ', 'not-shown-1\r'],
      ],
    );
    assert.equal(code, 0, stdout);
    assert.doesNotMatch(stdout, /shown/);
    const printed = /\$argon2id\$\S+/.exec(stdout)?.[0] ?? '';
    assert.ok(await verify(printed, 'not-shown-1'));
  });

  it('hashes nothing when the two differ', async () => {
    const { code, stdout } = await runCliOnTerminal(
      ['hash-password'],
      [
        ['Password: ', 'one-password\r'],
        ['Once more: ', 'another-one\r'],
      ],
    );
    assert.equal(code, 1);
    assert.match(stdout, /two different passwords/);
    assert.doesNotMatch(stdout, /argon2id/);
  });

  it('ends with 1 on Ctrl-C', async () => {
    const { code, stdout } = await runCliOnTerminal(['hash-password'], [['Password: ', '\u0003']]);
    assert.equal(code, 1);
    assert.match(stdout, /no password was given/);
  });

  it('refuses an empty password', async () => {
    const { code, stdout, stderr } = await runCli(['hash-password'], { stdin: '\n' });
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /expected a password of 1 to 1024 characters/);
  });
});

describe('rackside token create', () => {
  const sha256 = (token: string) => createHash('sha256').update(token).digest('hex');

  it('prints the token alone, and on standard error the lines that make it known', async () => {
    const args = ['token', 'create', '--name', 'no: "thing"', '--role', 'admin'];
    const { code, stdout, stderr } = await runCli(args);
    assert.equal(code, 0);
    assert.match(stdout, /^[\w-]{43}\n$/);
    const [token] = parseConfig(parse(stderr), 'the lines').apiTokens;
    assert.deepEqual([token?.name, token?.role], ['no: "thing"', 'admin']);
    assert.equal(token?.tokenHash.reveal(), sha256(stdout.trim()));
  });

  it('with --yaml the other way round', async () => {
    const { stdout, stderr } = await runCli(['token', 'create', '--yaml']);
    const [token] = parseConfig(parse(stdout), 'the lines').apiTokens;
    assert.equal(token?.tokenHash.reveal(), sha256(stderr.trim()));
  });

  it('refuses a name and a role that the gateway would refuse', async () => {
    const named = await runCli(['token', 'create', '--name', '']);
    assert.deepEqual([named.code, named.stdout], [2, '']);
    assert.match(named.stderr, /apiTokens\.0\.name/);
    const ruled = await runCli(['token', 'create', '--role', 'root']);
    assert.deepEqual([ruled.code, ruled.stdout], [2, '']);
    assert.match(ruled.stderr, /customer, support, admin/);
  });
});

describe('the command line', () => {
  it('ends with 2 when it is not understood, and with 0 when it is asked for help', async () => {
    for (const [args, said] of [
      [
        ['nothing-such'],
        /^error: unknown command 'nothing-such'\n\(--help says what there is\)\n$/,
      ],
      [
        ['serve', '--nothing'],
        /^error: unknown option '--nothing'\n\(--help says what there is\)\n$/,
      ],
      [[], /^Usage: rackside \[options\] \[command\]\n/],
    ] as const) {
      const { code, stdout, stderr } = await runCli(args);
      assert.deepEqual([code, stdout], [2, ''], args.join(' '));
      assert.match(stderr, said);
    }
    const { code, stdout } = await runCli(['--help']);
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: rackside/);
  });
});
