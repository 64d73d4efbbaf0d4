import { GatewayError } from '../../errors.ts';
import { everyPage } from '../every-page.ts';
import { RemoteFault } from '../remote-fault.ts';
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
 * @throws GatewayError as `CloudClient.ask`, and as `everyPage`.
 */
export async function allServers(
  client: CloudClient,
  { name, label, call }: ServersQuery,
): Promise<CloudServer[]> {
  const selector = label !== undefined && { label_selector: label };
  return everyPage<CloudServer>({
    ...{ name, first: 1, idOf: ({ id }) => id },
    read: async (page, budget) => {
      const query = { page, per_page: PER_PAGE, ...selector };
      const reply = await client.ask(serversReply, '/servers', { ...call, query, budget });
      if (!reply) throw noList(name);
      const { servers, meta } = reply;
      return { entries: servers, count: servers.length, next: meta.pagination.next_page };
    },
  });
}

function noList(name: string): GatewayError {
  return new GatewayError(
    'provider_unavailable',
    `${name}: there is no list of servers: is baseUrl right?`,
    { cause: new RemoteFault('NO_SUCH_PATH') },
  );
}
