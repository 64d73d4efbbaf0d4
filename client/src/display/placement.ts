import type { Zoom } from './display.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where a picture lies on its stage, in CSS pixels; `scale` is CSS pixels per picture pixel. */
export interface Placement {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** Places a picture in a viewport (CSS pixels): centred, whole when it is to fit. */
export function place(picture: Size, viewport: Size, zoom: Zoom, pixelRatio: number): Placement {
  const scale = zoom === 'actual' ? 1 / pixelRatio : fitScale(picture, viewport, pixelRatio);
  const centre = (outer: number, inner: number) => Math.max(0, Math.floor((outer - inner) / 2));
  return {
    scale,
    x: centre(viewport.width, picture.width * scale),
    y: centre(viewport.height, picture.height * scale),
  };
}

function fitScale(picture: Size, viewport: Size, pixelRatio: number): number {
  if (picture.width <= 0 || picture.height <= 0) return 1 / pixelRatio;
  const scale = Math.min(viewport.width / picture.width, viewport.height / picture.height);
  // A picture made for this very window differs from it by rounding only: keep its pixels crisp.
  const crisp = 1 / pixelRatio;
  const slack = 2 / Math.max(1, Math.min(picture.width, picture.height));
  return Math.abs(scale / crisp - 1) <= slack && scale >= crisp ? crisp : Math.max(scale, 0.01);
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The point of the picture's area that is nearest to a point of the stage. */
export function ontoPicture(point: Point, placement: Placement, picture: Size): Point {
  const clamp = (value: number, start: number, length: number) =>
    Math.min(Math.max(value, start), start + length * placement.scale);
  return {
    x: clamp(point.x, placement.x, picture.width),
    y: clamp(point.y, placement.y, picture.height),
  };
}

/** The picture's pixel under a point of the stage; points beside the picture go to its edge. */
export function toPicture(point: Point, placement: Placement, picture: Size): Point {
  const clamp = (value: number, limit: number) =>
    Math.min(Math.max(Math.floor(value), 0), Math.max(0, limit - 1));
  return {
    x: clamp((point.x - placement.x) / placement.scale, picture.width),
    y: clamp((point.y - placement.y) / placement.scale, picture.height),
  };
}
