/**
 * The words of a line, as Python's shlex parts them for Ansible: quotes are taken off, a `\` stands
 * before what is meant itself, `#` begins a comment even inside of a word that is not quoted.
 *
 * @throws Error for a quote without its end.
 */
export function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const letter = line.charAt(at);
    const escapes = letter === '\\' && quote !== "'";
    const next = line.charAt(at + 1);
    if (escapes && (quote === '' || next === '"' || next === '\\')) {
      if (next === '') throw new Error('a line ends with \\');
      word = (word ?? '') + next;
      at += 1;
    } else if (quote !== '') {
      if (letter === quote) quote = '';
      else word = (word ?? '') + letter;
    } else if (letter === '"' || letter === "'") {
      quote = letter;
      word ??= '';
    } else if (letter === '#') {
      break;
    } else if (/\s/.test(letter)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + letter;
    }
  }
  if (quote !== '') throw new Error('a quote has no end');
  return word === null ? words : [...words, word];
}

const QUOTED = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(?:#.*)?$/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** A value as Python's literal_eval understands the ones that a console can need: text and numbers. */
export function literalOf(text: string): unknown {
  const quoted = QUOTED.exec(text);
  if (quoted) {
    const inner = quoted[1] ?? quoted[2] ?? '';
    return inner.replace(/\\(.)/g, (all, letter: string) =>
      /[\\'"]/.test(letter) ? letter : (ESCAPES[letter] ?? all),
    );
  }
  const [bare = text] = /^(?:-?\d+|True|False|None)(?=\s*(?:#.*)?$)/.exec(text) ?? [];
  if (bare === 'None') return null;
  if (bare === 'True' || bare === 'False') return bare === 'True';
  // A number that begins with 0 is no literal of Python's, and stays text.
  return /^(?:0|-?[1-9]\d{0,14})$/.test(bare) ? Number(bare) : text;
}
