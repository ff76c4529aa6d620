/** A ring, 28 pixels wide and high: another one for each seed. */
export function picture(seed: number): Uint8ClampedArray {
  return Uint8ClampedArray.from({ length: 28 * 28 * 4 }, (_, at) => {
    const pixel = at >> 2;
    const x = (pixel % 28) - 14;
    const y = Math.floor(pixel / 28) - 14;
    const ring = Math.abs(Math.hypot(x, y * (1 + (seed % 3) / 3)) - 7) < 2;
    return at % 4 === 3 ? 255 : ring ? 255 : 0;
  });
}
