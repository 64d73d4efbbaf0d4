/** What Prometheus would read: each series, `name{label="value"}`, and its value. */
export type Series = ReadonlyMap<string, number>;

/** Reads metrics in the text format, as strictly as it is written down. */
export async function scrape(url: string, init: RequestInit = {}): Promise<Series> {
  const answer = await fetch(url, init);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`no metrics: ${text}`);
  const series = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, key, value] = /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/.exec(line) ?? [];
    if (key === undefined || series.has(key)) throw new Error(`not a series: ${line}`);
    series.set(key, Number(value));
  }
  return series;
}
