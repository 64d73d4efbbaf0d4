import { type Logger, createLogger } from '../../log.ts';

export interface Warnings {
  readonly log: Logger;
  /** What was logged as a warning or an error, as sentences. */
  lines(): string[];
}

/** More of them say no more. */
const MOST = 3;

/** A log that is kept, for who tells it in other words. */
export function keepWarnings(): Warnings {
  const written: string[] = [];
  return {
    log: createLogger('warn', { write: (line) => void written.push(line) }),
    lines() {
      const shown = written.slice(0, MOST).map(sentenceOf);
      const left = written.length - shown.length;
      return left > 0 ? [...shown, `${left} more of these are in the gateway's log`] : shown;
    },
  };
}

function sentenceOf(line: string): string {
  const { msg, file, count, err } = JSON.parse(line) as Record<string, unknown>;
  const about = [file, count, (err as { code?: unknown } | undefined)?.code];
  const said = about.filter((one) => one !== undefined).map(String);
  return said.length > 0 ? `${String(msg)} (${said.join(', ')})` : String(msg);
}
