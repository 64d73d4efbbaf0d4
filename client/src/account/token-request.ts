import type { Action, CreateApiTokenRequest } from '../../../server/contract/index.ts';

const DAY = 86_400;
/** How long a new token may be made to work; seconds. */
export const TOKEN_LIVES = {
  day: DAY,
  week: 7 * DAY,
  month: 30 * DAY,
  year: 365 * DAY,
  always: null,
} as const;
export type TokenLife = keyof typeof TOKEN_LIVES;

/** What somebody has filled in. */
export interface TokenWish {
  readonly name: string;
  /** Null is all that its owner may do. */
  readonly actions: readonly Action[] | null;
  /** Patterns with commas or line ends between them. */
  readonly machines: string;
  readonly life: TokenLife;
}

export function tokenRequestOf({
  name,
  actions,
  machines,
  life,
}: TokenWish): CreateApiTokenRequest {
  const patterns = machines
    .split(/[,\n]/)
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
  const expiresIn = TOKEN_LIVES[life];
  return {
    name: name.trim(),
    ...(actions && { actions: [...actions] }),
    ...(patterns.length > 0 && { machines: patterns }),
    ...(expiresIn !== null && { expiresIn }),
  };
}
