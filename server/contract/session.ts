import * as z from 'zod/mini';

export const ROLES = ['customer', 'support', 'admin'] as const;
export const role = z.enum(ROLES);
export type Role = z.infer<typeof role>;

/** What a provider sends its people back with: OpenID Connect says what. */
export const oidcCallbackQuery = z.looseObject({});

export const loginRequest = z.strictObject({
  username: z.string().check(z.minLength(1), z.maxLength(128)),
  password: z.string().check(z.minLength(1), z.maxLength(1024)),
  /** Six digits of the authenticator, or a recovery code. */
  totp: z.optional(z.string().check(z.maxLength(16))),
});

/** Who is asking, as `GET /me` and `POST /login` answer. */
export const me = z.object({
  name: z.string(),
  role,
  /** There where this sign-in is good for nothing but enrolling for one-time codes. */
  mustEnrolTotp: z.optional(z.literal(true)),
  /** There for who may make API tokens for themselves. */
  mayHaveTokens: z.optional(z.literal(true)),
});
export type Me = z.infer<typeof me>;

/** By which ways one can sign in here. */
export const signInMethods = z.object({
  /** By `POST /login`. */
  password: z.boolean(),
  /** OpenID Connect providers: a browser that goes to `url` comes back signed in. */
  oidc: z.array(z.object({ id: z.string(), name: z.string(), url: z.string() })),
});
export type SignInMethods = z.infer<typeof signInMethods>;
