import * as z from 'zod/mini';

/** A drive of a server that its BMC plays. */
export const driveView = z.object({
  id: z.string(),
  /** As the BMC calls them: `CD`, `DVD`, `Floppy`, `USBStick`. */
  types: z.array(z.string()),
  /** What is in it: an image's name or its address; null for nothing. */
  image: z.nullable(z.string()),
});
export type DriveView = z.infer<typeof driveView>;

/** Answer of `GET /machines/{id}/media`. */
export const mediaView = z.object({
  drives: z.array(driveView),
  /** Images that the gateway has. */
  images: z.array(z.string()),
  /** Beginnings of the addresses from which the caller may have others; null for any. */
  urls: z.nullable(z.array(z.string())),
});
export type MediaView = z.infer<typeof mediaView>;

/** Body of `POST /machines/{id}/media`: one of the gateway's images, or where the BMC finds one. */
export const insertRequest = z
  .strictObject({
    image: z.optional(z.string().check(z.minLength(1), z.maxLength(255))),
    url: z.optional(z.url({ protocol: /^(https?|nfs|cifs|smb)$/ }).check(z.maxLength(2000))),
    /** The first that plays CDs if absent. */
    drive: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
  })
  .check(
    z.refine(({ image, url }) => (image === undefined) !== (url === undefined), {
      path: ['image'],
      error: 'expected image or url, one of them',
    }),
  );
export type InsertRequest = z.infer<typeof insertRequest>;
