import type { CoverText } from '../cover-text.ts';

/**
 * What a terminal's window shows until the console is there: the machine, what is being done and for how
 * long, or why there is no console. Its lines come by the pipe that `$1` names, tabs between their parts;
 * each that is seen is answered by one to `$2`.
 */
export const STATUS_WINDOW = String.raw`
exec 9<"$1"
printf '\e[?25l'
trap draw WINCH
failed=0 since=0 title= text=
centred() { printf '\e[%d;%dH%s' "$1" $(((columns - \${#2}) / 2 + 1)) "$3$2"; }
draw() {
  local rows columns lines=() line= word row
  read -r rows columns < <(stty size)
  for word in $text; do
    if [ \${#line} -gt 0 ] && ((\${#line} + 1 + \${#word} > columns * 2 / 3)); then
      lines+=("$line") line=$word
    else
      line=\${line:+$line }$word
    fi
  done
  lines+=("$line")
  row=$(((rows - \${#lines[@]} - 2) / 2))
  if [ "$failed" = 1 ]; then printf '\e]11;#2a1216\a'; else printf '\e]11;#10161f\a'; fi
  printf '\e[2J'
  centred "$row" "$title" $'\e[1m'
  printf '\e[0m'
  for line in "\${lines[@]}"; do centred $((row + 2)) "$line" ''; row=$((row + 1)); done
  [ "$failed" = 1 ] || centred $((row + 3)) "$((EPOCHSECONDS - since)) s" $'\e[2m'
  printf '\e[0m'
}
while :; do
  answer=
  if IFS=$'\t' read -r -t 1 -u 9 new_failed new_since new_title new_text; then
    failed=$new_failed since=$new_since title=$new_title text=$new_text
    answer=1
  elif [ $? -le 128 ]; then
    exit
  fi
  draw
  [ -z "$answer" ] || echo >"$2"
done
`.replaceAll('\\${', '${');

/** A line of the window's. */
export function statusLine({ title, text, failed, since }: CoverText): string {
  const plain = (value: string): string => value.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
  const seconds = Math.floor(since / 1000);
  return [failed ? 1 : 0, seconds, plain(title), plain(text)].join('\t');
}
