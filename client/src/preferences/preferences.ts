import { viewerName } from '../../../server/contract/index.ts';
import { TOUCH_MODES, type TouchMode } from '../input/touch-mode.ts';
import { INPUT_METHODS, type InputMethod } from '../input/input-method.ts';
import { ZOOMS, type Zoom } from '../display/display.ts';
import { isLanguage, type LanguageTag } from '../i18n/language.ts';

/** What a person has chosen, remembered by this browser. Null: whatever the browser itself says. */
export interface Preferences {
  readonly language: LanguageTag | null;
  readonly timezone: string | null;
  readonly zoom: Zoom;
  readonly inputMethod: InputMethod;
  readonly touchMode: TouchMode;
  readonly barCollapsed: boolean;
  /** Whether the portal's list of others' consoles is folded away. */
  readonly othersFolded: boolean;
  /** What the others call this person where a console was shared with them. */
  readonly guestName: string | null;
}

export const DEFAULTS: Preferences = {
  language: null,
  timezone: null,
  zoom: 'fit',
  inputMethod: 'none',
  touchMode: 'touchscreen',
  barCollapsed: false,
  othersFolded: false,
  guestName: null,
};

/** Reads stored preferences; whatever is not understood falls back to its default. */
export function parsePreferences(text: string | null): Preferences {
  const stored = parseRecord(text);
  const language = stored['language'];
  const timezone = stored['timezone'];
  return {
    language: typeof language === 'string' && isLanguage(language) ? language : DEFAULTS.language,
    timezone: typeof timezone === 'string' && isTimeZone(timezone) ? timezone : DEFAULTS.timezone,
    zoom: oneOf(ZOOMS, stored['zoom'], DEFAULTS.zoom),
    inputMethod: oneOf(INPUT_METHODS, stored['inputMethod'], DEFAULTS.inputMethod),
    touchMode: oneOf(TOUCH_MODES, stored['touchMode'], DEFAULTS.touchMode),
    barCollapsed: stored['barCollapsed'] === true,
    othersFolded: stored['othersFolded'] === true,
    guestName: viewerName.safeParse(stored['guestName']).data ?? DEFAULTS.guestName,
  };
}

function parseRecord(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function oneOf<T>(values: readonly T[], value: unknown, fallback: T): T {
  return values.find((candidate) => candidate === value) ?? fallback;
}

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
