import { basename, dirname } from 'node:path';
import { Router } from 'express';
import { GatewayError } from '../errors.ts';
import type { ImageLinks } from '../images/image-links.ts';
import { methodNotAllowed } from './problems.ts';

/** The gateway's disk images for BMCs, which read them piece by piece under a link of their own. */
export function imageRouter({ imageLinks }: { readonly imageLinks: ImageLinks | null }): Router {
  const router = Router();

  router.get('/images/:token/:name', async (request, response) => {
    const { token, name } = request.params;
    const path = await imageLinks?.follow(token, name);
    if (path === undefined) throw new GatewayError('not_found', 'there is no such image');
    response.set({ 'Cache-Control': 'no-store', 'Content-Type': 'application/octet-stream' });
    response.attachment(basename(path));
    response.sendFile(basename(path), { root: dirname(path), cacheControl: false });
  });

  router.all('/images/:token/:name', methodNotAllowed('GET'));
  return router;
}
