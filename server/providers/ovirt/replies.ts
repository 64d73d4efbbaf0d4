import { z } from 'zod';
import { machineList } from '../machine-list.ts';

/** The engine writes numbers and booleans as JSON has them or as strings, by its version. */
const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

/** The engine leaves out what a list holds when it holds nothing. */
function listOf<T extends z.ZodType>(schema: T) {
  return z.array(schema).default([]);
}

export const ssoReply = z.union([
  z.object({ access_token: z.string().min(1) }),
  z.object({ error: z.string(), error_code: z.string().optional() }),
]);

const graphicsConsole = z.object({
  id: z.string().regex(/^[0-9a-f]+$/),
  protocol: z.string().transform((name) => name.toLowerCase()),
  address: z.string().optional(),
  port: number.optional(),
  tls_port: number.optional(),
});
export type GraphicsConsole = z.output<typeof graphicsConsole>;

export const consolesReply = z.object({ graphics_console: listOf(graphicsConsole) });

const named = z.object({ name: z.string(), value: z.string().optional() });

export const vmReply = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string().default('unknown'),
  description: z.string().optional(),
  fqdn: z.string().optional(),
  host: z.object({ id: z.string() }).optional(),
  display: z.object({ type: z.string().optional() }).optional(),
  graphics_consoles: consolesReply.optional(),
  custom_properties: z.object({ custom_property: listOf(named) }).optional(),
  tags: z.object({ tag: listOf(named) }).optional(),
});
export type Vm = z.output<typeof vmReply>;

export const vmsReply = z.object({ vm: machineList(vmReply).prefault([]) });

export const hostReply = z.object({ address: z.string().min(1) });

/** What the engine says of an action that it has taken. */
export const actionReply = z.object({ status: z.string() });

export const fileReply = z.object({ remote_viewer_connection_file: z.string().min(1) });

const fault = z.object({ reason: z.string().optional(), detail: z.string().optional() });

/** A refused action wraps its fault, a refused look does not. */
export const faultReply = z.union([
  z.object({ fault }).transform((action) => action.fault),
  fault.refine(({ reason, detail }) => reason ?? detail),
]);
