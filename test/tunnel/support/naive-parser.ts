/**
 * The reference that scanner and assembler are held against: Guacamole instructions in a whole
 * string, by characters, as simply as it can be written. Returns the offsets just after each
 * instruction, in code points, or null when the text is not instructions (and the start of one).
 */
export function naiveInstructionEnds(text: string): number[] | null {
  const characters = [...text];
  const ends: number[] = [];
  let at = 0;
  while (at < characters.length) {
    let digits = '';
    while (at < characters.length && /[0-9]/.test(characters[at] ?? '')) digits += characters[at++];
    if (at === characters.length) return digits.length > 10 ? null : ends;
    if (digits === '' || digits.length > 10 || characters[at] !== '.') return null;
    at += 1 + Number(digits);
    if (at >= characters.length) return ends;
    if (characters[at] === ';') ends.push(at + 1);
    else if (characters[at] !== ',') return null;
    at++;
  }
  return ends;
}
