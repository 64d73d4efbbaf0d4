/** What one browser is known by at one console: hashes, so that a record gives no browser away. */
export interface Binding {
  /** Those of what it brings. */
  readonly brought: readonly string[];
  /** That of a secret made for this moment: what a grant begins with, whatever was planted before. */
  readonly fresh: string;
}
