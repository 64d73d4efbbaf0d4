import { PNG } from 'pngjs';

/** A picture as four bytes a pixel, RGBA, rows from the top, without padding. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A part of a picture, in pixels. */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function decodePng(png: Uint8Array): Image {
  const { width, height, data } = PNG.sync.read(Buffer.from(png));
  return { width, height, data };
}

/** For looking at what a failed test has seen. */
export function encodePng({ width, height, data }: Image): Buffer {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data);
  return PNG.sync.write(png);
}

/** @throws RangeError when the region leaves the picture. */
export function crop(image: Image, { x, y, width, height }: Region): Image {
  if (x < 0 || y < 0 || x + width > image.width || y + height > image.height) {
    const region = `${width}x${height}+${x}+${y}`;
    throw new RangeError(`region ${region} leaves the picture of ${image.width}x${image.height}`);
  }
  const data = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row += 1) {
    const from = ((y + row) * image.width + x) * 4;
    data.set(image.data.subarray(from, from + width * 4), row * width * 4);
  }
  return { width, height, data };
}

/** The picture in another size, each pixel taken from the nearest one (no smoothing). */
export function scale(image: Image, width: number, height: number): Image {
  const data = new Uint8Array(width * height * 4);
  const source = pixelsOf(image);
  const target = new Uint32Array(data.buffer);
  for (let y = 0; y < height; y += 1) {
    const row = Math.floor(((y + 0.5) * image.height) / height) * image.width;
    for (let x = 0; x < width; x += 1) {
      const column = Math.floor(((x + 0.5) * image.width) / width);
      target[y * width + x] = source[row + column] ?? 0;
    }
  }
  return { width, height, data };
}

/** The picture in a smaller size, each pixel the mean of those that it stands for. */
export function average(image: Image, { width, height }: { width: number; height: number }): Image {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      data.set(
        meanOf(image, cellOf(image, x / width, y / height, 1 / width, 1 / height)),
        (y * width + x) * 4,
      );
    }
  }
  return { width, height, data };
}

/** The pixels under a part of the picture that is given in fractions of it. */
function cellOf({ width, height }: Image, x: number, y: number, w: number, h: number): Region {
  const [left, top] = [Math.floor(x * width), Math.floor(y * height)];
  return {
    x: left,
    y: top,
    width: Math.max(1, Math.floor((x + w) * width) - left),
    height: Math.max(1, Math.floor((y + h) * height) - top),
  };
}

function meanOf({ width, data }: Image, { x, y, ...size }: Region): number[] {
  const sums = [0, 0, 0, 0];
  for (let row = y; row < y + size.height; row += 1) {
    for (let column = x; column < x + size.width; column += 1) {
      const at = (row * width + column) * 4;
      for (let channel = 0; channel < 4; channel += 1) {
        sums[channel] = (sums[channel] ?? 0) + (data[at + channel] ?? 0);
      }
    }
  }
  return sums.map((sum) => Math.round(sum / (size.width * size.height)));
}

/** The colour of one pixel as `#rrggbb`. */
export function pixel({ width, data }: Image, x: number, y: number): string {
  return `#${Buffer.from(data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)).toString('hex')}`;
}

/**
 * The fraction of pixels, from 0 (same) to 1, that differ by more than `tolerance` (of 255) in red,
 * green or blue. When the sizes differ, the larger picture is first brought to the smaller one's
 * size, so that a scaled canvas can be held against a framebuffer; thin lines then differ, whole
 * pictures that are alike stay below some percent.
 */
export function compare(a: Image, b: Image, { tolerance = 24 } = {}): number {
  if (a.width !== b.width || a.height !== b.height) {
    return a.width * a.height > b.width * b.height
      ? compare(scale(a, b.width, b.height), b, { tolerance })
      : compare(a, scale(b, a.width, a.height), { tolerance });
  }
  let different = 0;
  for (let at = 0; at < a.data.length; at += 4) {
    for (let channel = at; channel < at + 3; channel += 1) {
      if (Math.abs((a.data[channel] ?? 0) - (b.data[channel] ?? 0)) > tolerance) {
        different += 1;
        break;
      }
    }
  }
  return different / (a.width * a.height);
}

function pixelsOf({ data }: Image): Uint32Array {
  const aligned = data.byteOffset % 4 === 0 ? data : Uint8Array.from(data);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}
