import { ImageFolder } from '../images/image-folder.ts';
import { ImageLinks } from '../images/image-links.ts';
import { loopbackImages } from '../images/loopback-images.ts';
import type { Base } from './base.ts';
import type { Door } from './door.ts';

/** The links to the folder of disk images, where there is one. */
export function imageLinksOf(
  { config, redis, log }: Pick<Base, 'config' | 'redis' | 'log'>,
  { publicUrl }: Pick<Door, 'publicUrl'>,
): ImageLinks | null {
  const { path, url, ttl } = config.images;
  if (path === undefined) return null;
  const loopback = loopbackImages(config);
  if (loopback !== undefined) {
    log.warn(
      { host: loopback },
      'BMCs are told to fetch disk images from themselves: set images.url to where they reach this gateway',
    );
  }
  return new ImageLinks({
    redis,
    ttl,
    url: url?.origin ?? publicUrl,
    folder: new ImageFolder(path),
  });
}
