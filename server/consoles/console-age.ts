const DIGITS = 16;

/** Orders consoles by age and, within a millisecond, by id. */
export function ageOf({ createdAt, id }: { createdAt: number; id: string }): string {
  return `${String(createdAt).padStart(DIGITS, '0')} ${id}`;
}

/** The millisecond of an age; 0 for what is none. */
export function createdAtOf(age: string): number {
  return Number.parseInt(age.slice(0, DIGITS), 10) || 0;
}
