import { type KnownCommand, type Value, allCommands } from './command-tree.ts';
import { descents, quoted, valueArms } from './shell-cases.ts';

/** For `source <(rackside completion bash)`; needs bash 4.4 and no package besides. */
export function bashCompletion(tree: KnownCommand): string {
  const name = `_${tree.name}`;
  return `${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  local command='' word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    case "$command $word" in
    ${descents(tree)}) command="\${command:+$command }$word" ;;
    esac
  done
  case "$command $previous" in
${valueArms(tree, reply).join('\n')}
  esac
  case "$command" in
${allCommands(tree).map(arm).join('\n')}
  esac
}
complete -F ${name} ${tree.name}
`;
}

function arm({ path, subcommands, options, words, files }: KnownCommand): string {
  const flags = options.flatMap((option) => option.flags);
  const all = [...subcommands.map(({ name }) => name), ...words, ...flags];
  return `    ${quoted(path)}) ${files ? offerFiles(all) : offer(all)} ;;`;
}

function reply(value: Value): string {
  if (value === 'anything') return 'return';
  if (value === 'file') {
    return `${offerFiles([])}; return`;
  }
  return `${offer(value)}; return`;
}

function offer(words: readonly string[]): string {
  return `mapfile -t COMPREPLY < <(compgen -W ${quoted(words.join(' '))} -- "$current")`;
}

function offerFiles(words: readonly string[]): string {
  const named = words.length === 0 ? '' : ` -W ${quoted(words.join(' '))}`;
  return `compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f${named} -- "$current")`;
}
