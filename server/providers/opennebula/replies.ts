import { z } from 'zod';

/** One element, several, or none: XML does not tell a list of one from a single thing. */
function many<T extends z.ZodType>(schema: T) {
  return z.preprocess((found) => (found === undefined ? [] : [found].flat()), z.array(schema));
}

/** An element without children is a text. */
function element<T extends z.ZodType>(schema: T) {
  return z.preprocess((found) => (typeof found === 'object' ? found : {}), schema);
}

const text = z.string().optional();
const number = z
  .string()
  .regex(/^-?\d+$/)
  .transform(Number);

const nic = element(
  z.object({
    ...{ IP: text, IP6: text, IP6_GLOBAL: text, IP6_ULA: text, EXTERNAL_IP: text },
    ...{ RDP: text, SSH: text, RDP_SERVER_LAYOUT: text, RDP_RESIZE_METHOD: text },
  }),
);
export type Nic = z.output<typeof nic>;

/**
 * A VM of `one.vm.info` and `one.vmpool.infoextended`; `one.vmpool.info` leaves out CONTEXT, most of
 * USER_TEMPLATE, and of NIC all but the addresses (VirtualMachine::to_xml_short).
 */
export const vm = z.object({
  ID: number,
  NAME: z.string(),
  UNAME: text,
  STATE: number,
  LCM_STATE: number,
  TEMPLATE: element(
    z.object({
      GRAPHICS: many(element(z.object({ TYPE: text, PORT: text, PASSWD: text }))),
      NIC: many(nic),
      NIC_ALIAS: many(nic),
      CONTEXT: element(
        z.object({ USERNAME: text, PASSWORD: text, SSH_PORT: text, RDP_PORT: text }),
      ),
    }),
  ),
  USER_TEMPLATE: element(z.record(z.string(), z.unknown())),
  HISTORY_RECORDS: element(z.object({ HISTORY: many(element(z.object({ HOSTNAME: text }))) })),
});
export type Vm = z.output<typeof vm>;

export const vmAnswer = z.object({ VM: vm });

/** Each VM is looked at by itself: one that is strange hides no other. */
export const vmPoolAnswer = z.object({ VM_POOL: element(z.object({ VM: many(z.unknown()) })) });
