import { z } from 'zod';
import { machineList } from '../machine-list.ts';

/** What Proxmox VE says, as far as it is needed; pve.proxmox.com/pve-docs/api-viewer. */

/** Perl knows no booleans, and its numbers may come as texts. */
const flag = z.union([z.boolean(), z.number(), z.string()]).transform((value) => Number(value) > 0);
const number = z.coerce.number().int();
const text = z.string().optional();

/** A guest in the cluster's list. One whose node has not reported has no name and no template flag. */
export const guest = z.object({
  type: z.enum(['qemu', 'lxc']),
  vmid: number.check(z.positive()),
  node: z.string().regex(/^[A-Za-z0-9-]+$/),
  status: z.string().default('unknown'),
  ...{ name: text, pool: text, tags: text, lock: text },
  template: flag.default(false),
});
export type Guest = z.output<typeof guest>;

/** Each guest is looked at by itself: one that is strange hides no other. */
export const resourcesReply = z.object({ data: machineList(z.unknown()) });

/** What a node knows now. QEMU's own word (`paused`) is in `qmpstatus`. */
export const statusReply = z.object({
  data: z.object({ status: z.string(), qmpstatus: text, lock: text, name: text, tags: text }),
});

/** Privileges by path; 1 where what is below has them too. */
export const permissionsReply = z.object({
  data: z.record(z.string(), z.record(z.string(), flag)),
});
export type Permissions = z.output<typeof permissionsReply>['data'];

export const configReply = z.object({ data: z.record(z.string(), z.unknown()) });

/** Of vncproxy and termproxy. */
export const proxyReply = z.object({
  data: z.object({
    user: z.string().min(1),
    ticket: z.string().min(1),
    port: number.check(z.positive()),
    /** What VNC asks for; before qemu-server 9.1.7 that is the ticket. */
    password: text,
  }),
});
export type ProxyReply = z.output<typeof proxyReply>['data'];

/** Of what runs on by itself: the id of its task. */
export const taskReply = z.object({ data: z.string() });

export const ticketReply = z.object({
  data: z.object({
    ticket: z.string().min(1),
    CSRFPreventionToken: z.string().min(1),
    NeedTFA: flag.optional(),
  }),
});

export const errorReply = z.object({
  message: text,
  errors: z.record(z.string(), z.unknown()).optional(),
});
