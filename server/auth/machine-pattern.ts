/** Whether a machine's id is meant by a pattern, in which `*` stands for any text. */
export function matchesMachine(pattern: string, id: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === id;
  const last = rest.pop() ?? '';
  if (!id.startsWith(first) || id.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of rest) {
    const at = id.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return id.length - last.length >= from && id.endsWith(last);
}

export function matchesAny(patterns: readonly string[], id: string): boolean {
  return patterns.some((pattern) => matchesMachine(pattern, id));
}
