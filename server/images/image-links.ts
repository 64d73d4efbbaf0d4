import { createHash, randomBytes } from 'node:crypto';
import type { Redis } from '../platform/redis.ts';
import type { ImageFolder } from './image-folder.ts';

export interface ImageLinksParts {
  readonly redis: Redis;
  readonly folder: ImageFolder;
  /** Where BMCs reach the gateway. Without a trailing slash. */
  readonly url: string;
  /** How long a link works. s */
  readonly ttl: number;
}

const PREFIX = 'rackside:image:';

/** Links under which a BMC fetches an image of the folder: nobody guesses one, and none lasts. */
export class ImageLinks {
  readonly #parts: ImageLinksParts;

  constructor(parts: ImageLinksParts) {
    this.#parts = parts;
  }

  names(): Promise<string[]> {
    return this.#parts.folder.names();
  }

  /** Undefined where there is no such image. */
  async make(name: string): Promise<string | undefined> {
    const { redis, folder, url, ttl } = this.#parts;
    if ((await folder.find(name)) === undefined) return undefined;
    const token = randomBytes(24).toString('base64url');
    await redis.run((client) =>
      client.set(keyOf(token), name, { expiration: { type: 'EX', value: ttl } }),
    );
    return `${url}/images/${token}/${encodeURIComponent(name)}`;
  }

  /** The path of the image that this link is for; undefined for a link that is none any more. */
  async follow(token: string, name: string): Promise<string | undefined> {
    const { redis, folder } = this.#parts;
    const linked = await redis.run((client) => client.get(keyOf(token)));
    return linked === name ? folder.find(name) : undefined;
  }

  /** The name of the image that a link of ours is for; undefined for any other URL. */
  imageOf(url: string): string | undefined {
    return this.#partsOf(url)?.name;
  }

  /** Ends a link of ours; another URL is left alone. */
  async revoke(url: string): Promise<void> {
    const link = this.#partsOf(url);
    if (link) await this.#parts.redis.run((client) => client.del(keyOf(link.token)));
  }

  #partsOf(url: string): { token: string; name: string } | undefined {
    const start = `${this.#parts.url}/images/`;
    const [token, name, ...rest] = url.startsWith(start) ? url.slice(start.length).split('/') : [];
    if (!token || !name || rest.length > 0) return undefined;
    try {
      return { token, name: decodeURIComponent(name) };
    } catch {
      // Somebody else has told the BMC an address that begins like one of ours.
      return undefined;
    }
  }
}

/** Who can read Redis cannot fetch images by it. */
function keyOf(token: string): string {
  return PREFIX + createHash('sha256').update(token).digest('base64url');
}
