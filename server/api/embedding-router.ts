import { type Response, Router } from 'express';

/** For how long a browser may go on with the script that it has. Seconds. */
const SCRIPT_AGE = 300;

/**
 * What shows consoles in portals' pages: the script that they load, and for a console's own page the
 * list of those whom it may speak to.
 */
export function embeddingRouter(clientDir: string, portals: readonly string[]): Router {
  const router = Router();
  router.get('/embed.js', (_request, response) => {
    foreign(response);
    response.set('Cache-Control', `public, max-age=${SCRIPT_AGE}`);
    response.sendFile('embed.js', { root: clientDir, cacheControl: false });
  });
  router.get('/embedding.json', (_request, response) => {
    response.set('Cache-Control', 'no-cache');
    response.json({ origins: portals });
  });
  return router;
}

/** A page of any site may load it: it holds nothing that is not public. */
function foreign(response: Response): void {
  response.set({
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Access-Control-Allow-Origin': '*',
  });
}
