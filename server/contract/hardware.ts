import * as z from 'zod/mini';

/** What a server can start from once; `none` is as usual. */
export const BOOT_DEVICES = ['pxe', 'disk', 'cd', 'setup', 'none'] as const;
export const bootDevice = z.enum(BOOT_DEVICES);
export type BootDevice = z.infer<typeof bootDevice>;

/** Body of `POST /machines/{id}/boot`. */
export const bootRequest = z.strictObject({ device: bootDevice });

/** Its answer, 202: holds for the next start, and for no other. */
export const bootAnswer = z.object({ machine: z.string(), device: bootDevice });
export type BootAnswer = z.infer<typeof bootAnswer>;

/** Body of `POST /machines/{id}/identify`. */
export const identifyRequest = z.strictObject({ on: z.boolean() });

/** Its answer, 202: the light at the server blinks, or does not. */
export const identifyAnswer = z.object({ machine: z.string(), on: z.boolean() });
export type IdentifyAnswer = z.infer<typeof identifyAnswer>;
