import { createHash, timingSafeEqual } from 'node:crypto';
import { Router } from 'express';
import { GatewayError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import { methodNotAllowed } from './problems.ts';

/** What `/metrics` answers with. */
export interface MetricsText {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** `/metrics`, in Prometheus's text format, for whoever brings the token where there is one. */
export function metricsRouter(text: MetricsText, tokenHash: Secret | undefined): Router {
  const expected = tokenHash && Buffer.from(tokenHash.reveal(), 'hex');
  const router = Router();
  router.get('/metrics', async (request, response) => {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const presented = createHash('sha256').update(token).digest();
    if (expected && !timingSafeEqual(expected, presented)) {
      throw new GatewayError('unauthenticated', 'metrics are for whoever has their token');
    }
    response.set('Cache-Control', 'no-store').type(text.contentType);
    response.send(await text.metrics());
  });
  router.all('/metrics', methodNotAllowed('GET'));
  return router;
}
