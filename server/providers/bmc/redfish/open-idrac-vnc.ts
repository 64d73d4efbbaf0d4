import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError } from '../../../errors.ts';
import { connectTcp } from '../../../platform/connect-tcp.ts';
import type { ProviderContext } from '../../provider-context.ts';
import type { Endpoint, ResolveRequest } from '../../provider.ts';
import type { RedfishClient } from './client.ts';
import { IdracVnc } from './idrac-vnc.ts';

export interface OpenIdracVncParts extends Pick<ProviderContext, 'bridges' | 'claims' | 'debts'> {
  /** With which its sentences begin. */
  readonly name: string;
  /** The host's own. */
  readonly id: string;
  readonly address: string;
  /** Path of the iDRAC. */
  readonly manager: string;
  readonly client: RedfishClient;
}

/** The server listens a moment after it was switched on. ms */
const PAUSE_MS = 500;
/** For switching it off again. ms */
const OFF_MS = 30_000;

type Request = Pick<ResolveRequest, 'onFault' | 'signal'>;

/**
 * An iDRAC's own VNC server as an endpoint, for one console at a time: another would change the password
 * and switch it off.
 *
 * @throws GatewayError `target_busy`, `bmc_license_missing`, and as Redfish and VNC do.
 */
export async function openIdracVnc(parts: OpenIdracVncParts, request: Request): Promise<Endpoint> {
  const { name, id, address, bridges, claims, debts } = parts;
  const giveBack = await claims.take(`vnc:${id}`);
  if (!giveBack) {
    const message = `${name}: another console has its screen; who holds that one can share it`;
    throw new GatewayError('target_busy', message);
  }
  const vnc = new IdracVnc(parts);
  let settle: ((undo: () => Promise<void>) => Promise<void>) | undefined;
  const release = async (): Promise<void> => {
    await settle?.(() => vnc.disable(AbortSignal.timeout(OFF_MS)));
    await giveBack();
  };
  try {
    settle = await debts.owe({ machine: id, what: 'vnc' });
    const { onFault, signal } = request;
    const { port, password } = await vnc.enable(signal);
    const endpoint = await bridges.open({
      reach: async (each) => ({ stream: await listening(address, port, each), password }),
      ...{ onFault, signal },
    });
    return {
      ...endpoint,
      async release() {
        await endpoint.release();
        await release();
      },
    };
  } catch (error) {
    // A BMC that does not answer is not waited for.
    void release();
    throw error;
  }
}

/** Switches it off for a gateway that could not, unless another console has it by now. */
export async function forgetIdracVnc(
  parts: Pick<OpenIdracVncParts, 'name' | 'id' | 'manager' | 'client' | 'claims'>,
): Promise<void> {
  const giveBack = await parts.claims.take(`vnc:${parts.id}`);
  if (!giveBack) return;
  try {
    await new IdracVnc(parts).disable(AbortSignal.timeout(OFF_MS));
  } finally {
    await giveBack();
  }
}

/** Tries until it listens, or until nobody waits any more. */
async function listening(host: string, port: number, signal: AbortSignal) {
  for (;;) {
    try {
      return await connectTcp({ host, port, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      // The time of whoever waits ends it, with why it did not work.
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
}
