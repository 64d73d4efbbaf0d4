import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, it } from 'mocha';
import { ontoPicture, place, toPicture } from '../../client/src/display/placement.ts';

const size = (low: number, high: number) =>
  fc.record({
    width: fc.integer({ min: low, max: high }),
    height: fc.integer({ min: low, max: high }),
  });

describe('the picture’s place in the window', () => {
  it('is whole and centred when it is to fit', () => {
    assert.deepEqual(place({ width: 1000, height: 500 }, { width: 500, height: 500 }, 'fit', 1), {
      scale: 0.5,
      x: 0,
      y: 125,
    });
    assert.deepEqual(place({ width: 400, height: 400 }, { width: 1600, height: 800 }, 'fit', 1), {
      scale: 2,
      x: 400,
      y: 0,
    });
  });

  it('never goes over the window’s edge, whatever the sizes', () => {
    fc.assert(
      fc.property(
        size(64, 8192),
        size(200, 4000),
        fc.constantFrom(1, 1.25, 2),
        (picture, window, ratio) => {
          const { scale, x, y } = place(picture, window, 'fit', ratio);
          assert.ok(x + picture.width * scale <= window.width + 1);
          assert.ok(y + picture.height * scale <= window.height + 1);
        },
      ),
    );
  });

  it('shows one pixel as one pixel of the screen at actual size', () => {
    assert.deepEqual(
      place({ width: 800, height: 600 }, { width: 1000, height: 500 }, 'actual', 2),
      {
        scale: 0.5,
        x: 300,
        y: 100,
      },
    );
    const larger = place({ width: 3000, height: 2000 }, { width: 1000, height: 500 }, 'actual', 1);
    assert.deepEqual(larger, { scale: 1, x: 0, y: 0 });
  });

  it('keeps a picture crisp that was made for this window and rounded down', () => {
    // 1001 x 701 CSS pixels at 1.5: the machine was asked for 1501 x 1051.
    const { scale } = place(
      { width: 1501, height: 1051 },
      { width: 1001, height: 701 },
      'fit',
      1.5,
    );
    assert.equal(scale, 1 / 1.5);
  });
});

describe('the pointer', () => {
  const screen = { width: 1280, height: 800 };

  it('hits the pixel under it, when scaled and off the corner', () => {
    const placement = { scale: 0.5, x: 40, y: 10 };
    assert.deepEqual(toPicture({ x: 40, y: 10 }, placement, screen), { x: 0, y: 0 });
    assert.deepEqual(toPicture({ x: 140, y: 110 }, placement, screen), { x: 200, y: 200 });
  });

  it('goes to the nearest edge when it is beside the picture', () => {
    const placement = { scale: 1, x: 100, y: 0 };
    assert.deepEqual(toPicture({ x: 5, y: 900 }, placement, screen), { x: 0, y: 799 });
    assert.deepEqual(toPicture({ x: 5000, y: -3 }, placement, screen), { x: 1279, y: 0 });
  });

  it('stays on the picture when a touchpad pushes it over the edge', () => {
    const placement = { scale: 0.5, x: 40, y: 10 };
    assert.deepEqual(ontoPicture({ x: 0, y: 5000 }, placement, screen), { x: 40, y: 410 });
    assert.deepEqual(ontoPicture({ x: 50.25, y: 60 }, placement, screen), { x: 50.25, y: 60 });
  });

  it('comes back to the pixel whose centre it points at, at any scale and size', () => {
    fc.assert(
      fc.property(size(64, 4096), size(200, 3000), fc.nat(), fc.nat(), (picture, window, a, b) => {
        const pixel = { x: a % picture.width, y: b % picture.height };
        const placement = place(picture, window, 'fit', 1);
        const point = {
          x: placement.x + (pixel.x + 0.5) * placement.scale,
          y: placement.y + (pixel.y + 0.5) * placement.scale,
        };
        assert.deepEqual(toPicture(point, placement, picture), pixel);
      }),
    );
  });
});
