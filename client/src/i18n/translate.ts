import type { Catalogue, PluralKey, TextKey } from './catalogue.ts';

export type Values = Readonly<Record<string, string | number>>;

export interface Translate {
  (key: TextKey, values?: Values): string;
  (key: PluralKey, values: Values & { readonly count: number }): string;
}

/** Makes the function that turns keys into sentences of one language (a BCP 47 tag). */
export function translator(catalogue: Catalogue, language: string): Translate {
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  return (key: TextKey | PluralKey, values: Values = {}): string => {
    const message = catalogue[key];
    const count = Number(values['count'] ?? 0);
    const text =
      typeof message === 'string' ? message : (message[plurals.select(count)] ?? message.other);
    return text.replaceAll(/\{(\w+)\}/g, (hole, name: string) => {
      const value = values[name];
      if (value === undefined) return hole;
      return typeof value === 'number' ? numbers.format(value) : value;
    });
  };
}
