import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CliError } from './fail.ts';

/** Asks for one secret after the other. */
export type AskHidden = (prompt: string) => Promise<string>;

/**
 * Secrets from whoever runs the command: on a terminal they are asked for and not shown, in a pipe
 * each is a line of standard input, without a prompt.
 *
 * @throws CliError when the terminal is closed, or there is no line left.
 */
export async function withHiddenPrompt<T>(act: (ask: AskHidden) => Promise<T>): Promise<T> {
  return process.stdin.isTTY ? onTerminal(act) : fromLines(act);
}

async function onTerminal<T>(act: (ask: AskHidden) => Promise<T>): Promise<T> {
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
  closed.catch(() => undefined);
  const ask: AskHidden = async (prompt) => {
    process.stderr.write(prompt);
    const answer = await Promise.race([terminal.question(''), closed]);
    process.stderr.write('\n');
    return answer;
  };
  try {
    return await act(ask);
  } finally {
    terminal.close();
  }
}

async function fromLines<T>(act: (ask: AskHidden) => Promise<T>): Promise<T> {
  const lines = (await text(process.stdin)).split(/\r?\n/);
  return act(async (prompt) => {
    const line = lines.shift();
    if (line) return line;
    const what = prompt.replace(/: *$/, '').toLowerCase();
    throw new CliError(`expected the ${what} as a line of standard input`);
  });
}
