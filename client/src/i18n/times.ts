/** An absolute time of day in the chosen zone, with the date when it is not today's there. */
export function formatTime(at: Date, now: Date, language: string, timeZone: string): string {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone });
  const today = day.format(at) === day.format(now);
  return new Intl.DateTimeFormat(language, {
    timeZone,
    timeStyle: 'short',
    ...(today ? {} : { dateStyle: 'medium' }),
  }).format(at);
}

/** A moment to the second, with its date: for lists of what happened when. */
export function formatMoment(at: Date, language: string, timeZone: string): string {
  const style = { dateStyle: 'short', timeStyle: 'medium' } as const;
  return new Intl.DateTimeFormat(language, { timeZone, ...style }).format(at);
}

/** The browser's own IANA zone. */
export function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** All IANA zones that this browser knows, its own and the chosen one among them in any case. */
export function timeZones(chosen: string): string[] {
  const zones = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', ownTimeZone(), chosen]);
  return [...zones].toSorted();
}
