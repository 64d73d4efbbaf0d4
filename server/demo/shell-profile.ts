/**
 * The `.bashrc` of a demo shell. `lines` greet; the file `prompted` appears when the first prompt
 * is shown. Nothing of it is read from or written to the user's own home folder.
 */
export function shellProfile(name: string, lines: readonly string[], prompted?: string): string {
  const [title = '', ...rest] = lines;
  return [
    `PS1='\\[\\e[1;32m\\]${name}\\[\\e[0m\\] \\[\\e[34m\\]\\w\\[\\e[0m\\] \\$ '`,
    'HISTFILE=$HOME/.bash_history',
    "alias ls='ls --color=auto'",
    `printf '\\e[1m%s\\e[0m\\n\\n' '${title}'`,
    `printf '\\e[90m%s\\n' "A real shell of user $(id -un), in a scratch home folder." ${rest
      .map((line) => `'${line}'`)
      .join(' ')}`,
    `printf '\\e[0m\\n'`,
    ...(prompted ? [`PROMPT_COMMAND=': > "${prompted}"; unset PROMPT_COMMAND'`] : []),
    '',
  ].join('\n');
}
