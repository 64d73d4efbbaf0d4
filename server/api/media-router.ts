import { type Request, Router } from 'express';
import {
  type DriveView,
  type InsertRequest,
  type MediaView,
  type Role,
  insertRequest,
} from '../contract/index.ts';
import { GatewayError } from '../errors.ts';
import type { ImageLinks } from '../images/image-links.ts';
import { parseUrl } from '../platform/parse-url.ts';
import type { Drive, Machine } from '../providers/provider.ts';
import { parse } from './parse.ts';
import type { PowerRouterParts } from './power-router.ts';
import { methodNotAllowed } from './problems.ts';
import { WAYS, toldMachine } from './told-machine.ts';

export interface MediaRouterParts extends PowerRouterParts {
  /** Null where the gateway has no images of its own. */
  readonly imageLinks: ImageLinks | null;
  /** Beginnings of the addresses from which customers may have images. */
  readonly customerUrls: readonly string[];
}

interface DriveParams {
  readonly id: string;
  readonly drive: string;
}

/** Disk images in the drives that a server's BMC plays. */
export function mediaRouter(parts: MediaRouterParts): Router {
  const { registry, imageLinks, customerUrls } = parts;
  const router = Router();
  const view = ({ id, types, image }: Drive): DriveView => ({
    ...{ id, types: [...types] },
    image: image === null ? null : (imageLinks?.imageOf(image) ?? withoutSecrets(image)),
  });

  for (const { at, find } of WAYS) {
    router.get(`${at}/media`, async (request, response) => {
      const { machine, role } = await find(parts, request);
      const drives = await registry.media(machine).drives(machine.localId);
      const images = (await imageLinks?.names()) ?? [];
      const urls = role === 'customer' ? [...customerUrls] : null;
      response.json({ drives: drives.map(view), images, urls } satisfies MediaView);
    });

    router.post(`${at}/media`, async (request, response) => {
      const wanted = parse(insertRequest, request.body);
      const addressed = await find(parts, request);
      let drive: Drive | undefined;
      await toldMachine(parts, addressed, async (machine) => {
        const url = await urlOf(parts, addressed.role, wanted);
        drive = await inserted(parts, machine, { url, drive: wanted.drive });
        return `insert ${view(drive).image} into ${drive.id}`;
      });
      response.json(drive && view(drive));
    });

    router.delete(`${at}/media/:drive`, async (request: Request<DriveParams>, response) => {
      const { drive } = request.params;
      await toldMachine(parts, await find(parts, request), async (machine) => {
        const media = registry.media(machine);
        const before = (await media.drives(machine.localId)).find(({ id }) => id === drive);
        await media.eject(machine.localId, drive);
        if (before?.image) await imageLinks?.revoke(before.image);
        return `eject ${drive}`;
      });
      response.status(204).end();
    });

    router.all(`${at}/media`, methodNotAllowed('GET, POST'));
    router.all(`${at}/media/:drive`, methodNotAllowed('DELETE'));
  }
  return router;
}

/** A link that no BMC was given in the end is none. */
async function inserted(
  { registry, imageLinks }: MediaRouterParts,
  machine: Machine,
  wanted: { url: string; drive: string | undefined },
): Promise<Drive> {
  try {
    return await registry.media(machine).insert(machine.localId, wanted);
  } catch (error) {
    await imageLinks?.revoke(wanted.url);
    throw error;
  }
}

/** @throws GatewayError `media_unavailable`, `forbidden` */
async function urlOf(
  { imageLinks, customerUrls }: MediaRouterParts,
  role: Role,
  { url, image = '' }: InsertRequest,
): Promise<string> {
  if (url === undefined) {
    const link = await imageLinks?.make(image);
    if (link !== undefined) return link;
    const message = `the gateway has no image ${JSON.stringify(image)}`;
    throw new GatewayError('media_unavailable', message);
  }
  // A BMC reaches what a customer does not: by a drive they would read it.
  const { href } = new URL(url);
  if (role !== 'customer' || customerUrls.some((start) => href.startsWith(start))) return href;
  const message = "a customer may insert the gateway's images, and none from there";
  throw new GatewayError('forbidden', message);
}

/** An address as it may be told on. */
function withoutSecrets(image: string): string {
  const url = parseUrl(image);
  if (url === null) return image.replace(/[?#].*$/, '');
  const { protocol, host, pathname } = url;
  return `${protocol}//${host}${pathname}`;
}
