import { type KnownCommand, type KnownOption, type Value, allCommands } from './command-tree.ts';

/** For `rackside completion fish | source`, or as a file in fish's folder `completions`. */
export function fishCompletion(tree: KnownCommand): string {
  const all = allCommands(tree);
  const descents = all.flatMap(({ path, subcommands }) =>
    subcommands.map(({ name }) => quoted(`${path} ${name}`)),
  );
  return `function __${tree.name}_at
    set -l command ''
    set -l typed (commandline -opc)
    set -e typed[1]
    for word in $typed
        switch "$command $word"
            case ${descents.join(' ')}
                set command (string trim "$command $word")
        end
    end
    test "$command" = "$argv[1]"
end
complete -c ${tree.name} -f
${all.flatMap((command) => linesOf(tree.name, command)).join('\n')}
`;
}

function linesOf(program: string, command: KnownCommand): string[] {
  const { path, subcommands, options, words, files } = command;
  const start = `complete -c ${program} -n ${quoted(`__${program}_at ${quoted(path)}`)}`;
  return [
    ...subcommands.map(
      ({ name, description }) => `${start} -a ${quoted(name)} -d ${quoted(description)}`,
    ),
    ...words.map((word) => `${start} -a ${quoted(word)}`),
    ...(files ? [`${start} -F`] : []),
    ...options.map((option) => `${start} ${optionOf(option)}`),
  ];
}

function optionOf({ flags, description, value }: KnownOption): string {
  const names = flags.map((flag) =>
    flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  return [...names, ...valueOf(value), `-d ${quoted(description)}`].join(' ');
}

function valueOf(value: Value | null): string[] {
  if (value === null) return [];
  if (value === 'file') return ['-r', '-F'];
  return value === 'anything' ? ['-x'] : ['-x', `-a ${quoted(value.join(' '))}`];
}

/** Text as one word of fish. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
}
