import { z } from 'zod';
import { strict } from '../providers/config-fields.ts';
import { webOrigin } from './web-origin.ts';

/** Portals that may show consoles inside of their own pages. Without any, nobody may. */
export const embedding = strict({
  origins: z.array(webOrigin.transform((url) => url.origin)).default([]),
});
