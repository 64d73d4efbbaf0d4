import { z } from 'zod';
import { machineList } from '../machine-list.ts';

/** What the cloud says, as far as it is needed; docs.hetzner.cloud. */

const page = z.object({
  pagination: z.object({ next_page: z.number().int().nullable() }),
});

const address = z.object({ ip: z.string() }).nullish();

export const cloudServer = z.object({
  id: z.number().int(),
  name: z.string(),
  status: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
  public_net: z.object({ ipv4: address, ipv6: address }).nullish(),
  private_net: z.array(z.object({ ip: z.string() })).nullish(),
});
export type CloudServer = z.output<typeof cloudServer>;

export const serverReply = z.object({ server: cloudServer });
export const serversReply = z.object({ servers: machineList(cloudServer), meta: page });

export const consoleReply = z.object({ wss_url: z.url(), password: z.string() });

export const actionReply = z.object({ action: z.object({ id: z.number().int() }) });

export const createdReply = z.object({
  server: cloudServer,
  root_password: z.string().nullish(),
});

/** Images that are snapshots have no name. */
const named = z.array(z.object({ name: z.string().nullable() }));
export const imagesReply = z.object({ images: named });
export const datacentersReply = z.object({ datacenters: named });

export const errorReply = z.object({
  error: z.object({ code: z.string(), message: z.string().catch('') }),
});
