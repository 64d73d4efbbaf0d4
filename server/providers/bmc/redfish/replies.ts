import { z } from 'zod';

/** A resource by its address on this very BMC. */
const link = z.object({ '@odata.id': z.string().regex(/^\/redfish\/v1(\/|$)/) });
const action = z.object({ target: z.string().regex(/^\/redfish\/v1\//) });

/** What DSP0268 has of each resource, as far as it matters here; BMCs leave a lot of it out. */
export const rootReply = z.object({
  RedfishVersion: z.string(),
  Oem: z.record(z.string(), z.unknown()).optional(),
  Systems: link.optional(),
  Managers: link.optional(),
});

export const collectionReply = z.object({ Members: z.array(link) });

export const systemReply = z.object({
  PowerState: z.string().nullish(),
  Model: z.string().nullish(),
  SerialNumber: z.string().nullish(),
  Boot: z
    .object({
      'BootSourceOverrideTarget@Redfish.AllowableValues': z.array(z.string()).optional(),
    })
    .nullish(),
  VirtualMedia: link.optional(),
  /** The light by which it is found; the second has taken the first one's place. */
  IndicatorLED: z.string().nullish(),
  LocationIndicatorActive: z.boolean().nullish(),
  Actions: z
    .object({
      '#ComputerSystem.Reset': action
        .extend({
          'ResetType@Redfish.AllowableValues': z.array(z.string()).optional(),
          '@Redfish.ActionInfo': z.string().optional(),
        })
        .optional(),
    })
    .default({}),
});
export type System = z.output<typeof systemReply>;

export const actionInfoReply = z.object({
  Parameters: z.array(
    z.object({ Name: z.string(), AllowableValues: z.array(z.string()).optional() }),
  ),
});

export const managerReply = z.object({
  Model: z.string().nullish(),
  Oem: z.record(z.string(), z.unknown()).optional(),
  NetworkProtocol: link.optional(),
  VirtualMedia: link.optional(),
});

export const driveReply = z.object({
  Id: z.string().regex(/^[\w.-]{1,64}$/),
  MediaTypes: z.array(z.string()).nullish(),
  Image: z.string().nullish(),
  Inserted: z.boolean().nullish(),
  Actions: z
    .object({
      '#VirtualMedia.InsertMedia': action.optional(),
      '#VirtualMedia.EjectMedia': action.optional(),
    })
    .nullish(),
});
export type DriveReply = z.output<typeof driveReply>;

export const networkProtocolReply = z.object({
  IPMI: z.object({ ProtocolEnabled: z.boolean().nullish() }).nullish(),
});

export const accountReply = z.object({ UserName: z.string().nullish() });

/** Of an iDRAC. What is no text or number is none of ours. */
export const attributesReply = z.object({
  Attributes: z.record(z.string(), z.union([z.string(), z.number()]).optional().catch(undefined)),
});

/** `error.@Message.ExtendedInfo` (DSP0266); some put the list where `error` should be. */
const messages = z.array(
  z.object({ MessageId: z.string().catch(''), Message: z.string().catch('') }),
);
export const errorReply = z.object({
  error: z.object({ '@Message.ExtendedInfo': messages.catch([]) }),
});
