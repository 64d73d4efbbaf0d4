import * as z from 'zod/mini';

export const health = z.object({ status: z.literal('ok') });

/** `missing` has a line for each part that is not there. */
export const readiness = z.object({
  status: z.enum(['ready', 'unavailable']),
  missing: z.array(z.string()),
});

/** The document that describes the API: what else it holds is OpenAPI's to say. */
export const openApiDocument = z.looseObject({ openapi: z.string() });
