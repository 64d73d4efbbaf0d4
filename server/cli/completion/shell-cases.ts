import { type KnownCommand, type Value, allCommands } from './command-tree.ts';

/** Text as one word of bash and zsh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The patterns of `case "$command $word"` for a word that names a command below. */
export function descents(tree: KnownCommand): string {
  return allCommands(tree)
    .flatMap(({ path, subcommands }) => subcommands.map(({ name }) => quoted(`${path} ${name}`)))
    .join('|');
}

/** The arms of `case "$command $previous"` for an option that waits for its value. */
export function valueArms(tree: KnownCommand, body: (value: Value) => string): string[] {
  return allCommands(tree).flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) => {
      if (value === null) return [];
      const patterns = flags.map((flag) => quoted(`${path} ${flag}`)).join('|');
      return [`    ${patterns}) ${body(value)} ;;`];
    }),
  );
}
