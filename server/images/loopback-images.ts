import type { Config } from '../config.ts';
import { isLoopback } from '../platform/loopback.ts';

/**
 * The host to which BMCs are sent for disk images, where that is the BMC itself: a loopback address.
 * Undefined where it is not, and where no BMC is sent anywhere.
 */
export function loopbackImages({
  images,
  publicUrl,
  listen,
  providers,
}: Pick<Config, 'images' | 'publicUrl' | 'listen' | 'providers'>): string | undefined {
  if (images.path === undefined || !providers.some(({ type }) => type === 'bmc')) return undefined;
  const host = (images.url ?? publicUrl)?.hostname ?? listen.host;
  return isLoopback(host) ? host : undefined;
}
