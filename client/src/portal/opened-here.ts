const KEY = 'rackside.opened';

/** So many are more than one person has open. */
const KEPT = 50;

/**
 * The consoles that this browser has opened, whose pages it may come back to. Where storage is
 * blocked none is known.
 */
export function openedHere(): ReadonlySet<string> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return new Set(Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : []);
  } catch {
    return new Set();
  }
}

export function rememberOpened(id: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([...openedHere(), id].slice(-KEPT)));
  } catch {
    // The console's own tab works all the same.
  }
}
