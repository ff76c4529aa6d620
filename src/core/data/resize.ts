import type { Picture } from './types.ts';

/** How a pixel is made of its neighbours, by the numbers that PIL and `preprocessor_config.json` give them. */
export const RESAMPLING = { nearest: 0, bilinear: 2, bicubic: 3 } as const;

interface Filter {
  /** Reach in pixels of the result at scale 1. */
  readonly support: number;
  readonly weight: (x: number) => number;
}

/** The triangle 1 − |x|. */
const BILINEAR: Filter = { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };

/** Keys' cubic convolution with a = −1/2 (1981), as PIL uses it. */
const BICUBIC: Filter = {
  support: 2,
  weight: (signed) => {
    const x = Math.abs(signed);
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
  },
};

/**
 * A picture in another size. Each axis by itself: pixel i of the result is Σ_j w((j + ½ − c)/s)·x_j / Σ_j w(·) with
 * c = (i + ½)·n/m and s = max(1, n/m), so that shrinking averages what falls together. Rounded to bytes after each
 * axis, rows first, as PIL's `resize` does for images of bytes.
 */
export function resizePicture(
  picture: Picture,
  width: number,
  height: number,
  resampling: number = RESAMPLING.bilinear,
): Picture {
  if (picture.width === width && picture.height === height) return picture;
  if (resampling === RESAMPLING.nearest) return nearest(picture, width, height);
  const filter = resampling === RESAMPLING.bicubic ? BICUBIC : BILINEAR;
  const { channels } = picture;
  const rows = alongRows(picture.data, picture, width, filter);
  const data = alongColumns(rows, { ...picture, width }, height, filter);
  return { width, height, channels, data };
}

type Size = Pick<Picture, 'width' | 'height' | 'channels'>;

function alongRows(data: Uint8Array, { width, height, channels }: Size, to: number, f: Filter) {
  const taps = tapsOf(width, to, f);
  const out = new Uint8ClampedArray(height * to * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < to; x++) {
      const { first, weights } = taps[x];
      for (let c = 0; c < channels; c++) {
        const at = (y * width + first) * channels + c;
        out[(y * to + x) * channels + c] = weighted(data, at, channels, weights);
      }
    }
  }
  return new Uint8Array(out.buffer);
}

function alongColumns(data: Uint8Array, { width, height, channels }: Size, to: number, f: Filter) {
  const row = width * channels;
  const out = new Uint8ClampedArray(to * row);
  tapsOf(height, to, f).forEach(({ first, weights }, y) => {
    for (let at = 0; at < row; at++) {
      out[y * row + at] = weighted(data, first * row + at, row, weights);
    }
  });
  return new Uint8Array(out.buffer);
}

function weighted(data: Uint8Array, from: number, step: number, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i] * data[from + i * step];
  return Math.round(sum);
}

interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

/** Which pixels of `from` make each of `to`, with weights that sum to one. */
function tapsOf(from: number, to: number, { support, weight }: Filter): Taps[] {
  const ratio = from / to;
  const scale = Math.max(1, ratio);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * ratio;
    const first = Math.max(0, Math.floor(centre - support * scale + 0.5));
    const last = Math.min(from, Math.floor(centre + support * scale + 0.5));
    const weights = Float64Array.from({ length: last - first }, (_unused, j) =>
      weight((first + j + 0.5 - centre) / scale),
    );
    const total = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((w) => w / total) };
  });
}

function nearest({ data, channels, ...from }: Picture, width: number, height: number): Picture {
  const out = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const sourceY = Math.floor(((y + 0.5) * from.height) / height);
    for (let x = 0; x < width; x++) {
      const source =
        (sourceY * from.width + Math.floor(((x + 0.5) * from.width) / width)) * channels;
      out.set(data.subarray(source, source + channels), (y * width + x) * channels);
    }
  }
  return { width, height, channels, data: out };
}
