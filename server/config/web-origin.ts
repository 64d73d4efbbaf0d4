import { z } from 'zod';

/** A web origin: what is a URL and nothing more. */
export const webOrigin = z
  .url({ protocol: /^https?$/, error: 'expected an http or https URL' })
  .transform((url) => new URL(url))
  .refine((url) => url.pathname === '/' && !url.search && !url.hash, {
    error: 'expected scheme, host and port only',
  });
