import type { en } from './en.ts';

/** A sentence with a form for each of its language's plural categories (CLDR). */
export type Plural = { readonly other: string } & Partial<
  Readonly<Record<Intl.LDMLPluralRule, string>>
>;

export type MessageKey = keyof typeof en;

export type PluralKey = {
  [K in MessageKey]: (typeof en)[K] extends string ? never : K;
}[MessageKey];

export type TextKey = Exclude<MessageKey, PluralKey>;

/** A complete translation; a plural sentence must have exactly the categories of its language. */
export type Translation<Category extends Intl.LDMLPluralRule> = {
  readonly [K in TextKey]: string;
} & { readonly [K in PluralKey]: Readonly<Record<Category, string>> };

/** The translation of one part of the catalogue, which has a file of its own. */
export type PartTranslation<Part, Category extends Intl.LDMLPluralRule> = Pick<
  Translation<Category>,
  keyof Part & MessageKey
>;

/** What the page needs of any translation, whatever its plural categories are. */
export type Catalogue = { readonly [K in TextKey]: string } & { readonly [K in PluralKey]: Plural };
