import {
  type InsertRequest,
  insertRequest,
  type MediaView,
} from '../../../server/contract/index.ts';

/** What the form has in it. */
export interface InsertForm {
  /** One of the gateway's images; empty for one from an address. */
  readonly image: string;
  readonly url: string;
  readonly drive: string;
}

/** Why a form is none that could be sent. */
export type InsertProblem = 'noAddress' | 'notFromThere';

/** What is sent for a form, or why nothing is. */
export function insertWishOf(
  { image, url, drive }: InsertForm,
  { urls }: Pick<MediaView, 'urls'>,
): InsertRequest | InsertProblem {
  const from = image === '' ? { url: url.trim() } : { image };
  const wish = insertRequest.safeParse({ ...from, drive });
  if (!wish.success) return 'noAddress';
  if (wish.data.url === undefined || urls === null) return wish.data;
  // As the gateway reads it: `..` is gone by then.
  const { href } = new URL(wish.data.url);
  return urls.some((start) => href.startsWith(start)) ? wish.data : 'notFromThere';
}
