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

/** A text of the gateway's with the moments in it (RFC 3339, UTC) as `formatMoment` shows them. */
export function withMoments(text: string, language: string, timeZone: string): string {
  return text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (moment) => {
    const at = new Date(moment);
    // People's own words stand in such a text too: no format takes a date that there is not.
    return Number.isNaN(at.getTime()) ? moment : formatMoment(at, language, timeZone);
  });
}

/** How soon something is, as a part of a sentence: `in 6 minutes`, in seconds when it is less than one. */
export function formatSoon(milliseconds: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'always' });
  const seconds = Math.round(milliseconds / 1000);
  return seconds > 55
    ? format.format(Math.round(seconds / 60), 'minute')
    : format.format(seconds, 'second');
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
