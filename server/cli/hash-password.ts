import type { Command } from 'commander';
import { askPassword } from './ask-password.ts';
import { print } from './print.ts';

export function addHashPassword(program: Command): void {
  program
    .command('hash-password')
    .description("print the argon2id hash of a password, for a user's passwordHash")
    .addHelpText('after', '\nThe password is asked for, or read from standard input.')
    .action(async () => {
      const password = await askPassword();
      const { hash } = await import('@node-rs/argon2');
      print(await hash(password));
    });
}
