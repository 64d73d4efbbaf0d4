import { ImageFolder } from '../images/image-folder.ts';
import { ImageLinks } from '../images/image-links.ts';
import type { Base } from './base.ts';
import type { Door } from './door.ts';

/** The links to the folder of disk images, where there is one. */
export function imageLinksOf(
  { config, redis }: Pick<Base, 'config' | 'redis'>,
  { publicUrl }: Pick<Door, 'publicUrl'>,
): ImageLinks | null {
  const { path, url, ttl } = config.images;
  if (path === undefined) return null;
  return new ImageLinks({
    redis,
    ttl,
    url: url?.origin ?? publicUrl,
    folder: new ImageFolder(path),
  });
}
