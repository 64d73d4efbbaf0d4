import { GatewayError } from '../../errors.ts';
import { RemoteFault, type RemoteFaultCode } from '../remote-fault.ts';
import type { CloudCall, CloudClient } from './client.ts';
import { type CloudServer, serversReply } from './replies.ts';

/** The most that the cloud gives at once. */
const PER_PAGE = 50;

export interface ServersQuery {
  /** Whose errors these are: the provider's id. */
  readonly name: string;
  /** The cloud's `label_selector`. */
  readonly label: string | undefined;
  readonly call: CloudCall;
}

/**
 * Every server of the project, page by page. One that moves to another page meanwhile comes once.
 *
 * @throws GatewayError as `CloudClient.ask`, `provider_unavailable` for pages without an end.
 */
export async function allServers(
  client: CloudClient,
  { name, label, call }: ServersQuery,
): Promise<CloudServer[]> {
  const found = new Map<number, CloudServer>();
  for (let page = 1; ; ) {
    const query = {
      page,
      per_page: PER_PAGE,
      ...(label !== undefined && { label_selector: label }),
    };
    const reply = await client.ask(serversReply, '/servers', { ...call, query });
    if (!reply)
      throw unavailable(`${name}: there is no list of servers: is baseUrl right?`, 'NO_SUCH_PATH');
    for (const server of reply.servers) found.set(server.id, server);
    const next = reply.meta.pagination.next_page;
    if (next === null) return [...found.values()];
    if (next <= page) throw unavailable(`${name}: the list of servers has no end`, 'FOREIGN');
    page = next;
  }
}

function unavailable(message: string, fault: RemoteFaultCode): GatewayError {
  return new GatewayError('provider_unavailable', message, { cause: new RemoteFault(fault) });
}
