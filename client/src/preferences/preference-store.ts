import { parsePreferences, type Preferences } from './preferences.ts';

const KEY = 'rackside.preferences';

/** A browser that blocks storage (a portal's iframe) throws at the mere access: then nothing is kept. */
export function loadPreferences(): Preferences {
  try {
    return parsePreferences(localStorage.getItem(KEY));
  } catch {
    return parsePreferences(null);
  }
}

export function savePreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // The choice holds until the page is left.
  }
}
