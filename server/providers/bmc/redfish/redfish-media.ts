import { GatewayError } from '../../../errors.ts';
import type { Drive } from '../../provider.ts';
import { orElse } from '../declined.ts';
import type { RedfishClient } from './client.ts';
import { type DriveReply, collectionReply, driveReply } from './replies.ts';

export interface RedfishMediaParts {
  /** With which its sentences begin. */
  readonly name: string;
  readonly client: RedfishClient;
  /** Path of the drives. */
  readonly collection: string;
}

type Signal = AbortSignal | undefined;

/** The drives that a BMC plays to its server (DSP0268, VirtualMedia). */
export class RedfishMedia {
  readonly #parts: RedfishMediaParts;

  constructor(parts: RedfishMediaParts) {
    this.#parts = parts;
  }

  async drives(signal: Signal): Promise<Drive[]> {
    return (await this.#all(signal)).map(viewOf);
  }

  async insert(
    { url, drive }: { readonly url: string; readonly drive?: string | undefined },
    signal: Signal,
  ): Promise<Drive> {
    const { name, client } = this.#parts;
    const all = await this.#all(signal);
    const found = drive === undefined ? all.find(playsCds) : all.find(({ Id }) => Id === drive);
    const target = found?.Actions?.['#VirtualMedia.InsertMedia']?.target;
    if (!found || target === undefined) throw this.#none(drive);
    if (imageOf(found) !== null) {
      const message = `${name} has an image in its drive ${found.Id} already`;
      throw new GatewayError('media_inserted', message);
    }
    const body = { Image: url, Inserted: true, WriteProtected: true };
    await orElse(client.post(target, body, signal), 'media_unavailable');
    return { ...viewOf(found), image: url };
  }

  async eject(drive: string, signal: Signal): Promise<void> {
    const found = (await this.#all(signal)).find(({ Id }) => Id === drive);
    const target = found?.Actions?.['#VirtualMedia.EjectMedia']?.target;
    if (!found || target === undefined) throw this.#none(drive);
    if (imageOf(found) === null) return;
    await orElse(this.#parts.client.post(target, {}, signal), 'media_unavailable');
  }

  /** Those into which something can be put. */
  async #all(signal: Signal): Promise<DriveReply[]> {
    const { client, collection } = this.#parts;
    const { Members } = await client.get(collectionReply, collection, signal);
    const found: DriveReply[] = [];
    // One after the other: BMCs are slow, and do not get faster by being asked at once.
    for (const { '@odata.id': path } of Members) {
      found.push(await client.get(driveReply, path, signal));
    }
    return found.filter(({ Actions }) => Actions?.['#VirtualMedia.InsertMedia']);
  }

  #none(drive: string | undefined): GatewayError {
    const what = drive === undefined ? 'that plays CDs' : JSON.stringify(drive);
    return new GatewayError('media_unavailable', `${this.#parts.name} has no drive ${what}`);
  }
}

function playsCds({ MediaTypes }: DriveReply): boolean {
  return (MediaTypes ?? []).some((type) => type === 'CD' || type === 'DVD');
}

function viewOf(drive: DriveReply): Drive {
  return { id: drive.Id, types: drive.MediaTypes ?? [], image: imageOf(drive) };
}

/** Some say with an empty name that nothing is inserted. */
function imageOf({ Image: image, Inserted: inserted }: DriveReply): string | null {
  return image && inserted !== false ? image : null;
}
