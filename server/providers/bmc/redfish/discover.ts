import { GatewayError } from '../../../errors.ts';
import type { RemoteAnswer, RemoteHttp } from '../../remote-http.ts';
import type { Vendor } from '../schema.ts';
import type { RedfishClient } from './client.ts';
import { faultOf } from './fault.ts';
import {
  collectionReply,
  managerReply,
  networkProtocolReply,
  rootReply,
  systemReply,
} from './replies.ts';

/** What a BMC turned out to be. */
export interface RedfishService {
  readonly vendor: Vendor;
  /** Paths of the server itself and of its BMC. */
  readonly system: string;
  readonly manager: string;
  /** Whether IPMI over LAN is on, as far as the BMC says. */
  readonly ipmi: boolean;
  /** Path of its drives for disk images, where it has any. */
  readonly media: string | undefined;
}

export interface DiscoverParts {
  readonly name: string;
  readonly http: RemoteHttp;
  readonly client: RedfishClient;
  readonly vendor: Vendor | 'auto';
}

/** The key in the root's Oem by which a maker is known. */
const OEM: Readonly<Record<string, Vendor>> = {
  ...{ Hpe: 'hpe', Hp: 'hpe', Dell: 'dell', Supermicro: 'supermicro' },
  ...{ Ami: 'ami', AMI: 'ami', OpenBmc: 'openbmc', OpenBMC: 'openbmc' },
};

type Signal = AbortSignal | undefined;

/**
 * Looks what a BMC is; undefined where there is no Redfish at all.
 *
 * @throws GatewayError where it does not answer, or not as it should, or lets nobody in.
 */
export async function discover(
  parts: DiscoverParts,
  signal: Signal,
): Promise<RedfishService | undefined> {
  const { name, http, client } = parts;
  // The root is shown to everybody.
  const answer = await http.call('/redfish/v1/', { signal });
  if (answer.status === 404 || answer.status === 501 || isPage(answer)) return undefined;
  if (answer.status >= 300) throw faultOf(name, answer);
  const root = http.parse(rootReply, answer);
  if (!root.Systems || !root.Managers) {
    const message = `${name} has a Redfish without systems and managers`;
    throw new GatewayError('bmc_unavailable', message);
  }
  const [system, manager] = await Promise.all([
    firstOf(client, root.Systems['@odata.id'], signal),
    firstOf(client, root.Managers['@odata.id'], signal),
  ]);
  if (system === undefined || manager === undefined) {
    throw new GatewayError('bmc_unavailable', `${name} shows the account no server of its own`);
  }
  const { Model, Oem, NetworkProtocol, VirtualMedia } = await client.get(
    managerReply,
    manager,
    signal,
  );
  const protocols =
    NetworkProtocol &&
    (await client.get(networkProtocolReply, NetworkProtocol['@odata.id'], signal));
  // It has moved from the BMC to the server in later versions of Redfish.
  const drives = VirtualMedia ?? (await client.get(systemReply, system, signal)).VirtualMedia;
  const keys = [...Object.keys(root.Oem ?? {}), ...Object.keys(Oem ?? {}), Model ?? ''];
  const found = keys.map((key) => OEM[key]).find((known) => known !== undefined);
  return {
    ...{ system, manager, ipmi: protocols?.IPMI?.ProtocolEnabled ?? true },
    media: drives?.['@odata.id'],
    vendor: parts.vendor === 'auto' ? (found ?? 'other') : parts.vendor,
  };
}

/** Some boards without Redfish show their own page at every address. */
function isPage({ status, text }: RemoteAnswer): boolean {
  return status < 300 && /^\s*</.test(text);
}

async function firstOf(client: RedfishClient, path: string, signal: Signal) {
  const { Members } = await client.get(collectionReply, path, signal);
  return Members[0]?.['@odata.id'];
}
