/** Controls of ISO 646 and ISO 6429: what a terminal would obey in the place of showing it. */
const CONTROLS = /\p{Cc}/gu;

/** Text from elsewhere (a machine's name, a remote's message) that no terminal takes for orders. */
export function printable(text: string): string {
  return text.replace(CONTROLS, '\ufffd');
}

/** A line of the command's result, on standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What concerns the person and not the result, on standard error. */
export function warn(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}
