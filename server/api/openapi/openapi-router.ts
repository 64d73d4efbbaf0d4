import { createHash } from 'node:crypto';
import { type RequestHandler, Router } from 'express';
import { operations } from '../../contract/operations/index.ts';
import { methodNotAllowed } from '../problems.ts';
import { openApiDocument } from './document.ts';

/** `GET /openapi.json`: the document of this gateway, made once, at the first call. */
export function openApiRouter(about: { publicUrl: string }): Router {
  const router = Router();
  let made: { text: string; etag: string } | undefined;

  const answer: RequestHandler = (request, response) => {
    made ??= make(about.publicUrl);
    response.set({ 'Cache-Control': 'no-cache', ETag: made.etag });
    if (request.fresh) response.status(304).end();
    else response.type('application/json').send(made.text);
  };
  router.get('/openapi.json', answer);
  router.all('/openapi.json', methodNotAllowed('GET'));
  return router;
}

function make(url: string): { text: string; etag: string } {
  const text = JSON.stringify(openApiDocument(operations, url));
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 27);
  return { text, etag: `"${hash}"` };
}
