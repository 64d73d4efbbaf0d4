import { createServer } from 'node:http';
import express, { Router } from 'express';
import { metricsRouter } from '../api/metrics-router.ts';
import { notFound, problemHandler } from '../api/problems.ts';
import { watchParts } from '../metrics/watched-parts.ts';
import { watchProcess } from '../metrics/watched-process.ts';
import { REQUEST_LIMITS } from '../platform/request-limits.ts';
import type { Base } from './base.ts';
import type { Consoles } from './consoles.ts';
import { closeServer, listenOn } from './listen.ts';

/**
 * Lets the metrics be read where the configuration says so.
 *
 * @returns what the gateway's own address answers of them.
 */
export async function exposeMetrics(
  { config, log, started, redis, guacds, metrics: { registry }, allProcesses }: Base,
  { consoles }: Consoles,
  draining: () => boolean,
): Promise<Router> {
  const { listen, tokenHash } = config.metrics;
  if (!listen && !tokenHash) return Router();
  watchParts(registry, {
    ...{ redis, guacds, draining },
    countConsoles: () => consoles.countByState(),
  });
  started.defer('process metrics', watchProcess(registry));
  const router = metricsRouter(allProcesses, tokenHash);
  if (!listen) return router;
  const app = express();
  app.disable('x-powered-by');
  app.use(router, notFound, problemHandler(log));
  const server = createServer(REQUEST_LIMITS, app);
  const url = await listenOn(server, listen, 'metrics.listen.port');
  started.defer('metrics server', () => closeServer(server));
  log.info({ url: `${url}/metrics` }, 'metrics are served');
  return Router();
}
