import type { Catalogue } from './catalogue.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { ru } from './ru.ts';

interface Language {
  /** In the language itself: whoever looks for it can read that and perhaps nothing else. */
  readonly name: string;
  readonly catalogue: Catalogue;
}

export const LANGUAGES = {
  en: { name: 'English', catalogue: en },
  ru: { name: 'Русский', catalogue: ru },
  de: { name: 'Deutsch', catalogue: de },
} as const satisfies Record<string, Language>;

export type LanguageTag = keyof typeof LANGUAGES;

export function isLanguage(tag: string): tag is LanguageTag {
  return Object.hasOwn(LANGUAGES, tag);
}

/** The first of the wished BCP 47 tags that there is a translation for; English otherwise. */
export function chooseLanguage(wishes: readonly string[]): LanguageTag {
  for (const wish of wishes) {
    const primary = wish.toLowerCase().split('-')[0] ?? '';
    if (isLanguage(primary)) return primary;
  }
  return 'en';
}
