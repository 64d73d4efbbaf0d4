import { GuacdBridges } from '../../../server/bridges/guacd-bridges.ts';
import { createLogger } from '../../../server/log.ts';
import { GatewayError } from '../../../server/errors.ts';
import type { ProviderContext } from '../../../server/providers/provider-context.ts';
import { logBook } from '../../support/log-book.ts';

/** What a provider is given that stands alone: bridges on loopback, and no limit on its calls. */
export function providerContext(parts: Partial<ProviderContext> = {}): ProviderContext {
  return {
    defaultLocation: 'nl',
    log: createLogger('debug', logBook.stream),
    now: Date.now,
    kvm: {
      open: async ({ name }) => {
        throw new GatewayError('kvm_unavailable', `${name}: no screens here`);
      },
    },
    bridges: new GuacdBridges({ listen: '127.0.0.1' }),
    rateLimit: { take: async () => undefined, atMost: async () => undefined },
    claims: { take: async () => async () => undefined },
    debts: { owe: async () => (undo) => undo().catch(() => undefined), onOrphan: () => undefined },
    refresh: () => undefined,
    ...parts,
  };
}
