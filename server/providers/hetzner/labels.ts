/** A label that servers have to have: its key, and its value where that matters. */
export interface WantedLabel {
  readonly key: string;
  readonly value: string | undefined;
}

/** `key` or `key=value`. */
export function parseLabel(text: string): WantedLabel {
  const [key = '', value] = text.split('=', 2);
  return { key, value };
}

/** The same rule as the cloud's `label_selector`, which is told the text itself. */
export function hasLabel(labels: Readonly<Record<string, string>>, wanted: WantedLabel): boolean {
  const { key, value } = wanted;
  return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
}
