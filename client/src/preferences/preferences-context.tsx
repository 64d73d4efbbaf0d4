import { type ComponentChildren, createContext } from 'preact';
import { useCallback, useContext, useEffect, useMemo, useState } from 'preact/hooks';
import { chooseLanguage, LANGUAGES, type LanguageTag } from '../i18n/language.ts';
import { type KeyFace, keyLabel } from '../i18n/key-names.ts';
import { formatTime, ownTimeZone } from '../i18n/times.ts';
import { type Translate, translator } from '../i18n/translate.ts';
import { loadPreferences, savePreferences } from './preference-store.ts';
import type { Preferences } from './preferences.ts';

interface Chosen {
  readonly preferences: Preferences;
  readonly choose: (change: Partial<Preferences>) => void;
  readonly language: LanguageTag;
  readonly timezone: string;
  readonly t: Translate;
  /** A moment in the chosen language and zone. */
  readonly time: (at: Date) => string;
  /** Keys by what is printed on them: `Ctrl-Alt-Del`. */
  readonly keys: (keys: readonly KeyFace[]) => string;
}

const Context = createContext<Chosen | null>(null);

export function PreferencesProvider({ children }: { children: ComponentChildren }) {
  const [preferences, setPreferences] = useState(loadPreferences);
  const choose = useCallback((change: Partial<Preferences>) => {
    setPreferences((before) => ({ ...before, ...change }));
  }, []);
  useEffect(() => savePreferences(preferences), [preferences]);

  const language = preferences.language ?? chooseLanguage(navigator.languages);
  const timezone = preferences.timezone ?? ownTimeZone();
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);

  const chosen = useMemo<Chosen>(
    () => ({
      preferences,
      choose,
      language,
      timezone,
      t: translator(LANGUAGES[language].catalogue, language),
      keys: (keys) => keyLabel(keys, language),
      time: (at) => formatTime(at, new Date(), language, timezone),
    }),
    [preferences, choose, language, timezone],
  );
  return <Context.Provider value={chosen}>{children}</Context.Provider>;
}

/** The choices in force, and how to change them. */
export function usePreferences(): Chosen {
  const chosen = useContext(Context);
  if (chosen === null) throw new Error('usePreferences outside of PreferencesProvider');
  return chosen;
}
