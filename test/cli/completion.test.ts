import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanUp } from '../support/dispose.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { runCli } from './support/run-cli.ts';

const installed = (shell: string) => !spawnSync(shell, ['-c', 'true']).error;

const byAlphabet = (words: readonly string[]) => words.toSorted((a, b) => (a < b ? -1 : 1));

describe('rackside completion', () => {
  const parts = cleanUp();
  let dir: TempDir;

  before(async () => {
    dir = await parts.start(makeTempDir('completion'));
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, stdout, stderr } = await runCli(['completion', shell]);
      assert.deepEqual([code, stderr], [0, '']);
      await writeFile(script(shell), stdout);
    }
  });

  const script = (shell: string) => join(dir.path, `rackside.${shell}`);

  /** What bash offers for the last of these words. */
  function bash(...words: string[]): string[] {
    const ask = `. '${script('bash')}'
      compopt() { :; } # works only while a line is being typed
      COMP_WORDS=(rackside "$@"); COMP_CWORD=$#
      $(complete -p rackside | sed -n 's/^complete -F \\([^ ]*\\) rackside$/\\1/p')
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const said = execFileSync('bash', ['-euc', ask, 'bash', ...words], { encoding: 'utf8' });
    return said.split('\n').filter((line) => line !== '');
  }

  /** What fish offers at the end of a line, by the alphabet. */
  function fish(line: string): string[] {
    const ask = `source '${script('fish')}'; complete -C '${line}'`;
    const env = { ...process.env, HOME: dir.path };
    const said = execFileSync('fish', ['-c', ask], { encoding: 'utf8', env });
    return byAlphabet(said.split('\n').flatMap((each) => each.split('\t')[0] || []));
  }

  for (const [words, offered] of [
    [['op'], ['open']],
    [['token', 'c'], ['create']],
    [['token', 'create', '--role', 'a'], ['admin']],
    [['open', 'token', '--read'], ['--read-only']],
    [
      ['open', 'lab:desk', '--kind', 's'],
      ['ssh', 'sol'],
    ],
    [['open', '-k', 'vnc', '-r', '--brow'], ['--browser']],
    [['open', '--ttl', ''], []],
    [
      ['audit', '--action', 'lo'],
      ['login', 'logout'],
    ],
    [['refuse', '--d'], ['--detail']],
    [['completion', 'z'], ['zsh']],
    [['import', 'c'], ['csv']],
    [['import', 'nojava', '--p'], ['--password-file']],
    [
      ['import', 'websockify', '--machines', ''],
      ['files', 'lines'],
    ],
    [['nothing'], []],
  ] as const) {
    const line = `rackside ${words.join(' ')}`;
    it(`bash: ${line}⇥ ${offered.join(' ')}`, () => assert.deepEqual(bash(...words), offered));
    if (installed('fish')) {
      it(`fish: ${line}⇥ ${offered.join(' ')}`, () =>
        assert.deepEqual(fish(line), byAlphabet(offered)));
    }
  }

  it('offers every command that the help names', async () => {
    const { stdout } = await runCli(['--help']);
    const named = [...stdout.matchAll(/^ {2}([a-z][a-z-]+)(?= |$)/gm)].map(([, name]) => name);
    const commands = named.filter((name) => name !== 'help');
    assert.ok(commands.length > 8, stdout);
    const offered = bash('');
    for (const name of commands) assert.ok(offered.includes(name ?? ''), name);
  });

  it('offers files where a file belongs', async () => {
    const file = script('bash');
    for (const words of [
      ['serve', '--config'],
      ['import', 'csv'],
      ['import', 'csv', '--secrets'],
      ['import', 'nojava', '--password-file'],
    ]) {
      assert.deepEqual(bash(...words, file.slice(0, -1)), [file]);
    }
  });

  if (installed('zsh')) {
    it('zsh understands its own', () => {
      execFileSync('zsh', ['-n', script('zsh')]);
    });
  }

  it('refuses another shell', async () => {
    const { code, stderr } = await runCli(['completion', 'tcsh']);
    assert.equal(code, 2);
    assert.match(stderr, /bash, zsh, fish/);
  });
});
