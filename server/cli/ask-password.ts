import { text } from 'node:stream/consumers';
import { loginRequest } from '../contract/index.ts';
import { CliError, EXIT } from './fail.ts';
import { type AskHidden, withHiddenPrompt } from './hidden-prompt.ts';

const PASSWORD: Wanted = {
  schema: loginRequest.shape.password,
  expected: 'a password of 1 to 1024 characters',
};

interface Wanted {
  readonly schema: { safeParse(value: unknown): { readonly success: boolean } };
  /** In words. */
  readonly expected: string;
}

/**
 * A new password: asked for twice and not shown on a terminal, else all of standard input without its
 * last line end.
 *
 * @throws CliError when there is none, or one with which nobody could sign in.
 */
export async function askPassword({ schema, expected } = PASSWORD): Promise<string> {
  const password = process.stdin.isTTY
    ? await withHiddenPrompt(askTwice)
    : (await text(process.stdin)).replace(/\r?\n$/, '');
  if (!schema.safeParse(password).success) {
    throw new CliError(`expected ${expected}`, EXIT.misconfigured);
  }
  return password;
}

async function askTwice(ask: AskHidden): Promise<string> {
  const password = await ask('Password: ');
  if ((await ask('Once more: ')) === password) return password;
  throw new CliError('these were two different passwords');
}
