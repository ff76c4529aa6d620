import {
  fitNumbers,
  isPlainNumbers,
  levelsOf,
  type Coded,
  type Numbers,
} from '../../encodings/index.ts';
import type { GridLevels } from '../../kernels/grid-levels.ts';
import { findGrids } from '../../kernels/rtn.ts';
import type { Bits } from '../../kernels/uniform.ts';
import { fromFloat32, toFloat32 } from '../../tensor/convert.ts';
import { DataType } from '../../tensor/data-type.ts';
import type { LayerWeight } from '../contract.ts';

/** A planned form that knows which scales and zeros it can hold. */
export interface StoredGrid {
  /** With the scales of its scales, where it has such. */
  readonly form: Coded;
  readonly levels: GridLevels;
}

/**
 * What the grid of a planned weight can be. Scales that are coded become shares of the row's largest, which is taken
 * from the ranges of W. Throws `weight-not-finite`.
 */
export function storedGrid({ layer, values }: LayerWeight, planned: Coded, bits: Bits): StoredGrid {
  const { outFeatures: rows, inFeatures: columns } = layer;
  const { groupSize, scales, zeros } = planned;
  const range = zeros === undefined ? 'signed-max' : 'minmax';
  const form =
    !scales || isPlainNumbers(scales)
      ? planned
      : {
          ...planned,
          scales: fitNumbers(
            scales,
            findGrids(values, rows, columns, { bits, range, groupSize }).scales,
          ),
        };
  const known = form.scales ? levelsOf(form.scales) : () => undefined;
  return {
    form,
    levels: {
      ...{ bits, groupSize, scales: known },
      float: floatOf(form.scales),
      ...(zeros && { zeros: zeroLevels(zeros, bits) }),
    },
  };
}

function floatOf(scales: Numbers | undefined): (scale: number) => number {
  if (scales === undefined || !isPlainNumbers(scales) || scales.dataType === DataType.float32)
    return Math.fround;
  const { dataType } = scales;
  return (scale) => toFloat32(dataType, fromFloat32(dataType, Float32Array.of(scale), true), 1)[0];
}

function zeroLevels(zeros: Numbers, bits: Bits): Float32Array {
  const levels = levelsOf(zeros)(0);
  return levels ?? Float32Array.from({ length: 2 ** bits }, (_, code) => code);
}

/** Whether the form holds other scales or zeros than floats and codes of a byte, which a quantizer must know. */
export function isPlainGrid({ scales, zeros }: Coded): boolean {
  return [scales, zeros].every((numbers) => numbers === undefined || isPlainNumbers(numbers));
}
