import type { DriveView } from '../../../server/contract/index.ts';

/** By how an image's name ends: the kinds of drive that play it, in Redfish's words, the best first. */
const SUITED: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\.iso$/i, ['CD', 'DVD']],
  // A floppy disk has too little room for most of them.
  [/\.img$/i, ['USBStick', 'Floppy']],
];

/**
 * The drive that suits an image by the end of its name; the first where none does, or where it cannot be
 * told.
 *
 * @param image a file's name, or a URL.
 */
export function driveFor(image: string, drives: readonly DriveView[]): DriveView | undefined {
  const name = image.trim().replace(/[?#].*$/, '');
  const [, kinds = []] = SUITED.find(([end]) => end.test(name)) ?? [];
  return (
    kinds
      .map((kind) => drives.find(({ types }) => types.includes(kind)))
      .find((drive) => drive !== undefined) ?? drives[0]
  );
}
