import { Argument, type Command } from 'commander';
import { bashCompletion } from './completion/bash.ts';
import { type KnownCommand, commandTree } from './completion/command-tree.ts';
import { fishCompletion } from './completion/fish.ts';
import { zshCompletion } from './completion/zsh.ts';

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } satisfies Record<
  string,
  (tree: KnownCommand) => string
>;

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print what makes a shell complete these commands')
    .addArgument(new Argument('<shell>').choices(Object.keys(SHELLS)))
    .addHelpText(
      'after',
      '\n~/.bashrc:                   source <(rackside completion bash)' +
        '\n~/.zshrc, after compinit:    source <(rackside completion zsh)' +
        '\n~/.config/fish/config.fish:  rackside completion fish | source',
    )
    .action((shell: keyof typeof SHELLS) => {
      process.stdout.write(SHELLS[shell](commandTree(program)));
    });
}
