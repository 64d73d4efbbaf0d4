/** The size of a screen in these measurements, in pixels. */
export const SCREEN = { width: 1920, height: 1080 };

/**
 * Pictures of a film that runs in a circle, four bytes a pixel (blue, green, red, none), rows from the
 * top: smooth colours that move, with the grain of a camera, so that no encoding finds it empty or flat.
 */
export function filmFrames(count: number): Buffer[] {
  const { width, height } = SCREEN;
  let seed = 1;
  const grain = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    return seed >>> 31;
  };
  return Array.from({ length: count }, (_none, frame) => {
    const turn = (2 * Math.PI * frame) / count;
    const wave = (length: number, waves: number, by: number): Float64Array =>
      Float64Array.from(
        { length },
        (_each, at) => 30 * Math.sin((2 * Math.PI * waves * at) / length + by * turn),
      );
    const across = [wave(width, 3, 1), wave(width, 5, -1), wave(width, 2, 2)];
    const down = [wave(height, 2, -1), wave(height, 3, 2), wave(height, 4, 1)];
    const pixels = Buffer.alloc(width * height * 4);
    for (let y = 0, at = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1, at += 4) {
        const light = 120 + grain();
        for (let colour = 0; colour < 3; colour += 1) {
          pixels[at + colour] = light + (across[colour]?.[x] ?? 0) + (down[colour]?.[y] ?? 0);
        }
      }
    }
    return pixels;
  });
}
