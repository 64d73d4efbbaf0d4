import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { FirstPicture } from '../../server/tunnel/first-picture.ts';

describe('the first picture', () => {
  it('is whole when the screen has a size before its frame ends', () => {
    const picture = new FirstPicture();
    assert.equal(picture.size(-1), false);
    assert.equal(picture.lacksScreen, true);
    assert.equal(picture.lacksLayer(0), true);
    assert.equal(picture.size(0), true);
    assert.deepEqual([picture.lacksScreen, picture.lacksLayer(0)], [false, false]);
    picture.arrive();
    assert.deepEqual([picture.isThere, picture.isSettled, picture.opcodes], [true, true, []]);
  });

  it('is looked for no more after thousands of layers or images', () => {
    for (const look of ['size', 'lacksLayer'] as const) {
      const picture = new FirstPicture();
      for (let layer = 1; layer <= 8192; layer++) picture[look](layer);
      assert.equal(picture.isSettled, false);
      picture[look](1);
      assert.equal(picture.isSettled, true);
      assert.deepEqual(picture.opcodes, ['sync']);
    }
  });
});
