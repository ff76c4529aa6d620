import { gunzipSync } from 'node:zlib';
import type { Material } from '../entry.ts';

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;
/** Mean and standard deviation of MNIST's training pixels, as usually taken. */
export const PIXEL_MEAN = 0.1307;
export const PIXEL_DEVIATION = 0.3081;

/** Images as bytes, row by row, with the digit of each. */
export interface LabelledImages {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

export function readImages(material: Material, name: 'train' | 'test-0-1999'): LabelledImages {
  return {
    pixels: new Uint8Array(gunzipSync(material.file(`mnist/${name}-images.u8.gz`))),
    labels: material.file(`mnist/${name}-labels.u8`),
  };
}

/** The images of these indices. */
export function select(
  { pixels, labels }: LabelledImages,
  indices: readonly number[],
): LabelledImages {
  const chosen = new Uint8Array(indices.length * PIXELS);
  indices.forEach((index, at) => {
    chosen.set(pixels.subarray(index * PIXELS, (index + 1) * PIXELS), at * PIXELS);
  });
  return { pixels: chosen, labels: Uint8Array.from(indices, (index) => labels[index]) };
}

/** Writes one image, moved by (dx, dy) with black moving in, as the model takes it. */
export function writeShifted(
  source: Uint8Array,
  image: number,
  [dx, dy]: readonly [number, number],
  target: Float32Array,
  place: number,
): void {
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const [fromX, fromY] = [x - dx, y - dy];
      const inside = fromX >= 0 && fromX < SIDE && fromY >= 0 && fromY < SIDE;
      const pixel = inside ? source[image * PIXELS + fromY * SIDE + fromX] : 0;
      target[place * PIXELS + y * SIDE + x] = (pixel / 255 - PIXEL_MEAN) / PIXEL_DEVIATION;
    }
  }
}
