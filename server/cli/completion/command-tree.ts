import type { Command, Option } from 'commander';

/** What may follow an option: one of some words, a file, or something that nobody can guess. */
export type Value = readonly string[] | 'file' | 'anything';

export interface KnownOption {
  /** As they are typed: `-k`, `--kind`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Null for an option without one. */
  readonly value: Value | null;
}

export interface KnownCommand {
  /** The words that lead to it, `token create`; empty for the program itself. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly subcommands: readonly KnownCommand[];
  readonly options: readonly KnownOption[];
  /** The words that its arguments may be. */
  readonly words: readonly string[];
  /** Whether an argument of it is a file. */
  readonly files: boolean;
}

/** What a shell has to know of a program, read off its own commands. */
export function commandTree(command: Command, path: readonly string[] = []): KnownCommand {
  return {
    path: path.join(' '),
    name: command.name(),
    description: command.description(),
    subcommands: command.commands.map((each) => commandTree(each, [...path, each.name()])),
    options: command.createHelp().visibleOptions(command).map(knownOption),
    words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    files: command.registeredArguments.some((argument) => isFile(argument.name())),
  };
}

/** The command itself and all below it. */
export function allCommands(tree: KnownCommand): KnownCommand[] {
  return [tree, ...tree.subcommands.flatMap(allCommands)];
}

function knownOption(option: Option): KnownOption {
  const { short, long, description, required, optional, argChoices } = option;
  const guess = isFile(/<(.*)>/.exec(option.flags)?.[1]) ? 'file' : 'anything';
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    description,
    value: required || optional ? (argChoices ?? guess) : null,
  };
}

function isFile(name: string | undefined): boolean {
  return name === 'file' || name === 'folder';
}
