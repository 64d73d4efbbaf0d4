import { GatewayError } from '../../errors.ts';
import type { KvmVendor } from '../provider-context.ts';
import type { Endpoint, ResolveRequest } from '../provider.ts';
import type { ConsoleParts } from './consoles.ts';
import { webServerOf } from './schema.ts';

/**
 * The graphical console of a BMC's web page, or what its web page starts, signed in by the console's
 * account; with the driver `browser` whoever looks signs in.
 */
export async function openPage(
  { name, settings, service, accounts, kvm }: ConsoleParts,
  vendor: KvmVendor,
  { display, onStep, onFault, signal }: Omit<ResolveRequest, 'kind'>,
): Promise<Endpoint> {
  const { ca, fingerprint } = settings;
  const { form, java } = settings.kvm;
  const signsIn = vendor !== 'browser' && java?.signIn !== false;
  const account = signsIn ? await accounts.take(service?.vendor ?? 'other', signal) : undefined;
  const tell = (error: Error): void => {
    if (error instanceof GatewayError) account?.refusal.note(error);
    onFault(error);
  };
  try {
    account?.refusal.check();
    const endpoint = await kvm.open({
      ...{ name, vendor, display, form, java, onStep, signal, onFault: tell },
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
    if (error instanceof GatewayError) account?.refusal.note(error);
    throw error;
  }
}
