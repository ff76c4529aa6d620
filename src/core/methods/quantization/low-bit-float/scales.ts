import { E8M0, fixedTable, type Coded, type Numbers } from '../../../encodings/index.ts';
import { fromFloat32, toFloat32 } from '../../../tensor/convert.ts';
import { DataType } from '../../../tensor/data-type.ts';
import { encodeNearest, sorted } from '../nearest.ts';
import type { Format } from './formats.ts';

/** How the scales of blocks are stored. */
export type ScaleKind = 'float32' | 'float16' | 'double' | 'power-of-two' | 'none';

/** The planned scales of so many blocks; undefined where there are none. */
export function planScales(kind: ScaleKind): ((count: number) => Numbers) | undefined {
  switch (kind) {
    case 'none':
      return undefined;
    case 'double':
      return (count) => ({ coded: doubled(count) });
    case 'power-of-two':
      return (count) => ({ coded: exponents(count) });
    default:
      return () => ({ dataType: DataType[kind] });
  }
}

export interface FoundScales {
  /** What weights are divided by before they are rounded. */
  readonly divisors: Float32Array;
  /** As the file holds them; absent where there are none. */
  readonly stored?: Numbers;
}

/** Scales of blocks from the largest magnitude of each. */
export function findScales(kind: ScaleKind, largest: Float32Array, format: Format): FoundScales {
  if (kind === 'none') return { divisors: new Float32Array(largest.length).fill(1) };
  if (kind === 'power-of-two') return powersOfTwo(largest, format.exponent);
  const scales = largest.map((most) => most / format.top);
  if (kind === 'double') return { divisors: notZero(scales), stored: { coded: double(scales) } };
  const dataType = DataType[kind];
  const values = toFloat32(dataType, fromFloat32(dataType, scales, true), scales.length);
  return { divisors: notZero(values), stored: { dataType, values } };
}

/** Blocks of zeros stay zeros whatever they are divided by. */
function notZero(scales: Float32Array): Float32Array {
  return scales.map((scale) => (scale === 0 ? 1 : scale));
}

/** 2^(⌊log₂ max|w|⌋ − exponent), of which the file holds the exponents (E8M0). */
function powersOfTwo(largest: Float32Array, exponent: number): FoundScales {
  const codes = Uint8Array.from(largest, (most) => {
    const power = binaryExponent(most) - exponent;
    return Math.min(127, Math.max(-127, power)) + 127;
  });
  const divisors = Float32Array.from(codes, (code) => 2 ** (code - 127));
  return { divisors, stored: { coded: { ...exponents(codes.length), codes } } };
}

/** ⌊log₂ x⌋ of a float32 that is not negative, from its bits; −127 for zero and subnormals. */
function binaryExponent(value: number): number {
  return (new Uint32Array(Float32Array.of(value).buffer)[0] >>> 23) - 127;
}

function exponents(count: number): Coded {
  return { kind: 'coded', bits: 8, grid: E8M0, granularity: 'tensor', groupSize: count };
}

/**
 * bitsandbytes' 8-bit numbers (Dettmers et al. 2022, "8-bit Optimizers"): for each power of ten from 10⁻⁶ to 1, twice as many
 * steps as for the one below, in both signs; 0 and 1.
 */
export const DYNAMIC = fixedTable('dynamic_8bit', dynamicMap());

function dynamicMap(): number[] {
  const magnitudes = Array.from({ length: 7 }, (_, i) => {
    const steps = 2 ** i;
    return Array.from(
      { length: steps },
      (_, k) => 10 ** (i - 6) * (0.1 + (0.9 * (k + 0.5)) / steps),
    );
  }).flat();
  return [...magnitudes.map((value) => -value), ...magnitudes, 0, 1].sort((a, b) => a - b);
}

const NEAREST_DYNAMIC = sorted(DYNAMIC.values, 'lower');
/** Scales that share a scale. */
const DOUBLE_BLOCK = 256;

/** Double quantization: scales less their mean in 8 bits, with a float32 for every 256 of them and the mean. */
function doubled(count: number): Coded {
  const numbers = { dataType: DataType.float32 };
  return {
    ...{ kind: 'coded', bits: 8, grid: DYNAMIC, granularity: 'block' },
    ...{ groupSize: Math.min(DOUBLE_BLOCK, count), scales: numbers, zeros: numbers },
  };
}

/** QLoRA, section 3: s ≈ s₂·(q + mean / s₂), q the nearest to (s − mean) / s₂, s₂ the largest |s − mean| of 256. */
function double(scales: Float32Array): Coded {
  const planned = doubled(scales.length);
  const { dataType } = { dataType: DataType.float32 };
  const mean = Math.fround(scales.reduce((sum, scale) => sum + scale, 0) / scales.length);
  const centred = scales.map((scale) => scale - mean);
  const codes = new Uint8Array(scales.length);
  const outer: number[] = [];
  for (let from = 0; from < scales.length; from += planned.groupSize) {
    const end = Math.min(from + planned.groupSize, scales.length);
    const most = centred.subarray(from, end).reduce((m, x) => Math.max(m, Math.abs(x)), 0);
    outer.push(most === 0 ? 1 : most);
    encodeNearest(centred, { from, end }, outer[outer.length - 1], NEAREST_DYNAMIC, codes);
  }
  return {
    ...planned,
    codes,
    scales: { dataType, values: Float32Array.from(outer) },
    zeros: { dataType, values: Float32Array.from(outer, (scale) => -mean / scale) },
  };
}
