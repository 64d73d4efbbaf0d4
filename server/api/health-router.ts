import { Router } from 'express';
import type { GuacdDirectory } from '../platform/guacd-directory.ts';
import type { Redis } from '../platform/redis.ts';
import { methodNotAllowed } from './problems.ts';

/** `/healthz`: the process lives. `/readyz`: every part that a console needs is there. */
export function healthRouter(parts: {
  redis: Redis;
  guacds: GuacdDirectory;
  tunnels: { readonly ready: boolean };
  /** True once the gateway has begun to stop. */
  draining: () => boolean;
}): Router {
  const router = Router();
  router.use(['/healthz', '/readyz'], (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });

  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });

  router.get('/readyz', async (_request, response) => {
    const missing = parts.draining() ? ['gateway: shutting down'] : [];
    if (!parts.redis.ready) missing.push('redis: not connected');
    if (!parts.tunnels.ready) missing.push('tunnels: no process for them answers');
    for (const [location, up] of await parts.guacds.check()) {
      if (!up) missing.push(`guacd: none answers in location ${location}`);
    }
    const ready = missing.length === 0;
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'unavailable', missing });
  });

  router.all(['/healthz', '/readyz'], methodNotAllowed('GET'));
  return router;
}
