import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { loginRequest } from '../contract/index.ts';
import { CliError, EXIT } from './fail.ts';

/**
 * A password: asked for twice and not shown on a terminal, else all of standard input without its
 * last line end.
 *
 * @throws CliError when there is none, or one with which nobody could sign in.
 */
export async function askPassword(): Promise<string> {
  const password = process.stdin.isTTY
    ? await askTwice()
    : (await text(process.stdin)).replace(/\r?\n$/, '');
  if (!loginRequest.shape.password.safeParse(password).success) {
    throw new CliError('expected a password of 1 to 1024 characters', EXIT.misconfigured);
  }
  return password;
}

async function askTwice(): Promise<string> {
  // readline puts the terminal into raw mode, so that it shows nothing, and what it would show
  // itself goes nowhere.
  const terminal = createInterface({
    input: process.stdin,
    output: new Writable({ write: (_chunk, _encoding, done) => done() }),
    terminal: true,
    historySize: 0,
  });
  const closed = new Promise<never>((_resolve, reject) => {
    terminal.once('close', () => reject(new CliError('no password was given')));
  });
  const ask = async (prompt: string): Promise<string> => {
    process.stderr.write(prompt);
    const answer = await Promise.race([terminal.question(''), closed]);
    process.stderr.write('\n');
    return answer;
  };
  try {
    const password = await ask('Password: ');
    if ((await ask('Once more: ')) === password) return password;
    throw new CliError('these were two different passwords');
  } finally {
    closed.catch(() => undefined);
    terminal.close();
  }
}
