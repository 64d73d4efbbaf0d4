import { createHash, randomBytes } from 'node:crypto';
import { freePort } from '../../../server/platform/ports.ts';
import type { Disposables } from '../../support/dispose.ts';
import { TestGateway, testConfig } from '../../support/gateway.ts';
import { logBook } from '../../support/log-book.ts';
import { until } from '../../support/until.ts';
import { type BalancerKind, REPLICA_HEADER, startBalancer } from './balancer.ts';
import { GatewayProcess } from './gateway-process.ts';
import { startLab } from './lab.ts';

/** An API token of an administrator, at both gateways. */
export const ADMIN_TOKEN = logBook.secret(randomBytes(18).toString('base64url'));

export interface Replicas {
  /** Whichever of the two answers. */
  readonly gateway: TestGateway;
  readonly replicas: GatewayProcess[];
  /** The one that an answer with this header came from. */
  readonly behind: (header: string) => GatewayProcess;
}

/** Two gateways with everything behind them, and a balancer before them; all end with `suite`. */
export async function startReplicas(kind: BalancerKind, suite: Disposables): Promise<Replicas> {
  const lab = await startLab(suite);
  const ports = [await freePort(), await freePort()] as const;
  const balancer = await suite.start(startBalancer(kind, ports));
  const { apiTokens } = (await testConfig(lab)) as { apiTokens: object[] };
  const tokenHash = createHash('sha256').update(ADMIN_TOKEN).digest('hex');
  const publicUrl = `http://127.0.0.1:${balancer.port}`;
  const replicas = await Promise.all(
    ports.map((port) =>
      suite.start(
        GatewayProcess.serve({
          ...lab,
          config: {
            publicUrl,
            listen: { port, trustedProxies: ['127.0.0.1'] },
            apiTokens: [...apiTokens, { name: 'root', role: 'admin', tokenHash }],
          },
        }),
      ),
    ),
  );
  const seen = new Set<string | null>();
  const bothAnswer = async () => {
    const ready = await fetch(`${publicUrl}/readyz`);
    if (ready.status === 200) seen.add(ready.headers.get(REPLICA_HEADER));
    return seen.size === 2;
  };
  await until(bothAnswer, { timeout: 15_000, what: 'both gateways behind the balancer' });
  const gateway = new TestGateway({ url: publicUrl, stop: async () => undefined });
  const behind = (header: string) => {
    const found = replicas[ports.findIndex((port) => header === `127.0.0.1:${port}`)];
    if (!found) throw new Error(`no gateway at ${header}`);
    return found;
  };
  return { gateway, replicas, behind };
}
