import { GatewayError } from '../errors.ts';
import type { KvmRequest } from '../providers/provider-context.ts';
import { type BrowserParts, BrowserSession } from './browser-session.ts';
import { DRIVERS } from './drivers/index.ts';
import { JavaSession } from './java-session.ts';
import { findWebStart } from './java/web-start.ts';
import type { SessionFactory } from './kvm-session.ts';
import { addressesOf, publicKeyOf } from './public-key.ts';
import type { ScreenRunner } from './runner.ts';

export interface SessionParts extends Pick<BrowserParts, 'warm' | 'images'> {
  readonly runner: Pick<ScreenRunner, 'isHere'>;
}

/**
 * What shows this console, once it is known that its BMC is there and is the right one.
 *
 * @throws GatewayError `kvm_unavailable`, `kvm_java_missing`, and as `publicKeyOf`.
 */
export async function sessionFor(
  request: KvmRequest,
  { runner, ...kept }: SessionParts,
): Promise<SessionFactory> {
  const { name, vendor, java } = request;
  if (vendor !== 'java') {
    const publicKey = await publicKeyOf(request);
    const driver = DRIVERS[vendor];
    return (context) => new BrowserSession(context, { ...kept, publicKey, driver });
  }
  if (!java) throw new GatewayError('kvm_page_changed', `${name}: no Java console is configured`);
  if (!runner.isHere) {
    const message = `${name}: Java consoles run beside the gateway alone (kvm.runner: local)`;
    throw new GatewayError('kvm_unavailable', message);
  }
  const webStart = findWebStart(name, java.javaVersion);
  await publicKeyOf(request);
  const addresses = await addressesOf(request);
  return (context) => new JavaSession(context, { java, webStart, addresses });
}
