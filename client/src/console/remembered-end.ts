/**
 * The console's end beside the page in the browser's history: the gateway forgets what is over, and
 * a reload after that is to say why there is nothing. Milliseconds of the browser's own clock.
 */
export function rememberEnd(end: number): void {
  history.replaceState({ end }, '');
}

export function rememberedEnd(): number | null {
  const state: unknown = history.state;
  if (typeof state !== 'object' || state === null || !('end' in state)) return null;
  return typeof state.end === 'number' ? state.end : null;
}
