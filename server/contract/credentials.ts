/** What a target may ask a person for, by guacd's names of its parameters (guacd's `required`). */
export const CREDENTIALS = ['domain', 'username', 'password', 'passphrase'] as const;
export type Credential = (typeof CREDENTIALS)[number];

export function isCredential(name: string): name is Credential {
  return (CREDENTIALS as readonly string[]).includes(name);
}

/** Longest value of a credential, in bytes of UTF-8. */
export const MAX_CREDENTIAL = 1024;
