import type { Disposables } from '../../support/dispose.ts';
import type { TestGatewayOptions } from '../../support/gateway.ts';
import { startGuacd } from '../../support/guacd.ts';
import { logBook } from '../../support/log-book.ts';
import { startRedis } from '../../support/redis.ts';
import type { ServerProcess } from '../../support/server-process.ts';
import { startVnc } from '../../support/vnc.ts';

/** Redis, guacd and a VNC server as machine `lab:desk`, which end with `parts`. */
export async function startLab(
  parts: Disposables,
): Promise<TestGatewayOptions & { readonly redis: ServerProcess & { readonly url: string } }> {
  const [redis, guacd, vnc] = await Promise.all([
    parts.start(startRedis()),
    parts.start(startGuacd()),
    parts.start(startVnc({ content: 'nothing' })),
  ]);
  const { host, port } = vnc;
  const password = logBook.secret(vnc.password);
  return { redis, guacd, machines: [{ id: 'desk', consoles: { vnc: { host, port, password } } }] };
}
