/**
 * What one look found. `wrong`: the gateway does not start, or does not do all that it should.
 * `note`: worth a thought. The message ends with how to mend it.
 */
export interface Finding {
  readonly level: 'ok' | 'note' | 'wrong';
  readonly what: string;
  readonly message: string;
}

/** The words of a system's error; those of several addresses tried have a code alone. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
