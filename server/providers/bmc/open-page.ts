import type { KvmVendor } from '../provider-context.ts';
import type { Endpoint, ResolveRequest } from '../provider.ts';
import type { ConsoleParts } from './consoles.ts';
import { webServerOf } from './schema.ts';

/**
 * The graphical console of a BMC's web page, signed in by the console's account; with the driver
 * `browser` whoever looks signs in.
 */
export async function openPage(
  { name, settings, service, accounts, kvm }: ConsoleParts,
  vendor: KvmVendor,
  { display, onStep, onFault, signal }: Omit<ResolveRequest, 'kind'>,
): Promise<Endpoint> {
  const { ca, fingerprint } = settings;
  const account =
    vendor === 'browser' ? undefined : await accounts.take(service?.vendor ?? 'other', signal);
  try {
    const endpoint = await kvm.open({
      ...{ name, vendor, display, form: settings.kvm.form, onStep, onFault, signal },
      url: webServerOf(settings),
      credentials: account && { username: account.username, password: account.password },
      trust: { ca, fingerprint },
    });
    return {
      ...endpoint,
      async release() {
        await endpoint.release();
        await account?.release();
      },
    };
  } catch (error) {
    await account?.release();
    throw error;
  }
}
