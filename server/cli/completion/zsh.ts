import { type KnownCommand, type Value, allCommands } from './command-tree.ts';
import { descents, quoted, valueArms } from './shell-cases.ts';

/** For `source <(rackside completion zsh)`, or as a file `_rackside` in fpath. */
export function zshCompletion(tree: KnownCommand): string {
  const name = `_${tree.name}`;
  return `#compdef ${tree.name}
${name}() {
  local command='' word
  local -a offered
  for word in "\${(@)words[2,CURRENT - 1]}"; do
    case "$command $word" in
    ${descents(tree)}) command="\${command:+$command }$word" ;;
    esac
  done
  case "$command $words[CURRENT - 1]" in
${valueArms(tree, reply).join('\n')}
  esac
  case "$command" in
${allCommands(tree).map(arm).join('\n')}
  esac
  _describe ${tree.name} offered
}
if [[ "$funcstack[1]" == ${name} ]]; then
  ${name} "$@"
else
  compdef ${name} ${tree.name}
fi
`;
}

function arm({ path, subcommands, options, words, files }: KnownCommand): string {
  const offered = [
    ...subcommands.map(({ name, description }) => described(name, description)),
    ...words.map((word) => described(word, '')),
    ...options.flatMap(({ flags, description }) =>
      flags.map((flag) => described(flag, description)),
    ),
  ];
  return `    ${quoted(path)}) offered=(${offered.join(' ')})${files ? '; _files' : ''} ;;`;
}

/** `_describe` takes the first colon for the end of the word. */
function described(word: string, description: string): string {
  return quoted(`${word.replaceAll(':', '\\:')}${description && `:${description}`}`);
}

function reply(value: Value): string {
  if (value === 'anything') return 'return';
  return value === 'file' ? '_files; return' : `compadd -- ${value.map(quoted).join(' ')}; return`;
}
