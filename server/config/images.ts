import { z } from 'zod';
import { strict } from '../providers/config-fields.ts';
import { webOrigin } from './web-origin.ts';

/** A web address under which images may be: what follows it is free. */
const prefix = z
  .url({ protocol: /^https?$/, error: 'expected an http:// or https:// URL' })
  .refine((text) => text.endsWith('/'), { error: 'expected a slash at its end' });

/** Disk images that servers are given as a CD. */
export const images = strict({
  /** Folder of .iso and .img files. */
  path: z.string().min(1).optional(),
  /** Where BMCs reach the gateway; absent: publicUrl. Many do not speak TLS of today. */
  url: webOrigin.optional(),
  /** Seconds for which a BMC may read an image. */
  ttl: z.int().min(60).max(604_800).default(28_800),
  /** Where customers may have images from, besides the folder; support and admin are free. */
  customerUrls: z.array(prefix).default([]),
});
