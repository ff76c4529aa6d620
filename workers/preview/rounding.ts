import type { z } from 'zod';
import {
  decodeWeight,
  didOf,
  fillCodes,
  groupOf,
  isPlainNumbers,
  type Coded,
  type Entry,
  type Group,
} from '../../src/core/encodings/index.ts';
import type { UniformCompared, UniformPreview } from '../../src/core/kernels/preview.ts';
import { encode } from '../../src/core/kernels/rtn-oracle.ts';
import { quantizeUniform } from '../../src/core/kernels/rtn.ts';
import { maxCode, type UniformCodes } from '../../src/core/kernels/uniform.ts';
import { options as roundingOptions } from '../../src/core/methods/quantization/round-to-nearest/meta.ts';
import { roundToNearest } from '../../src/core/methods/quantization/round-to-nearest/round-to-nearest.ts';
import { isPlainGrid } from '../../src/core/methods/quantization/stored-grid.ts';
import type { UniformChoice } from '../../src/core/methods/quantization/uniform-plan.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { float32ToHalf, halfToFloat32 } from '../../src/core/tensor/half.ts';
import { formOrThrow } from './form.ts';
import { rowsOf, type Outcome, type RowsAfter } from './outcome.ts';
import type { Subject } from './pictures.ts';
import type { StandIn } from './stand-in.ts';

type OneGrid = UniformChoice & Pick<z.infer<typeof roundingOptions>, 'clip'>;

/**
 * Rounding to nearest has a kernel that does it, compares and pictures in one pass; undefined where another method
 * is shown, bits that were decided by layer, or scales and zeros that are coded themselves.
 */
export function rounded(subject: Subject, { method, options }: StandIn): Outcome | undefined {
  if (method.meta.id !== roundToNearest.meta.id) return undefined;
  const given = roundingOptions.parse(options);
  const { bits } = given;
  if (bits === 'auto') return undefined;
  const planned = formOrThrow(subject, method, options) as Coded;
  return isPlainGrid(planned) ? roundedTo(subject, planned, { ...given, bits }) : undefined;
}

function roundedTo(subject: Subject, planned: Coded, options: OneGrid): Outcome {
  const { resident, frame } = subject;
  const preview = previewOf(planned, options);
  const compared = resident.uniform(preview);
  const rows = (picked: readonly number[]): Required<RowsAfter> => {
    const values = rowsOf(subject.weight.values, picked, frame.columns);
    const shape = { rows: picked.length, columns: frame.columns };
    const codes = preview.wholeTensor
      ? codesOnOneGrid(values, compared, preview)
      : quantizeUniform(values, shape.rows, shape.columns, preview);
    const coded = fillCodes(planned, codes);
    return { coded, values: decodeWeight(coded, shape.rows, shape.columns) };
  };
  return {
    ...{ from: 'preview', did: didOf(planned), compared, rows },
    group: (entry) => groupIn(rows([entry.row]).coded, frame, entry),
  };
}

function previewOf(planned: Coded, { bits, clip, symmetric }: OneGrid): UniformPreview {
  const { scales } = planned;
  const half = scales && isPlainNumbers(scales) && scales.dataType === DataType.float16;
  return {
    ...{ bits, clip, groupSize: planned.groupSize },
    range: symmetric ? 'signed-max' : 'minmax',
    wholeTensor: planned.granularity === 'tensor',
    ...(half && { store: (scales) => halfToFloat32(float32ToHalf(scales, true)) }),
  };
}

/** The codes of some rows where all rows share the grid that was found. */
function codesOnOneGrid(
  values: Float32Array,
  { foundScale: scale, zero }: UniformCompared,
  { bits, range }: UniformPreview,
): UniformCodes {
  const [grid, most] = [{ scale, zero }, maxCode(bits)];
  const codes = new Uint8Array(values.length);
  // WHY no callback: this runs over many rows while a slider moves.
  for (let i = 0; i < values.length; i++) codes[i] = encode(values[i], grid, range, most);
  return {
    codes,
    scales: Float32Array.of(scale),
    ...(range === 'minmax' && { zeros: Uint8Array.of(zero) }),
  };
}

/** The group of a weight, found in its row alone. */
function groupIn(
  row: Coded,
  frame: Subject['frame'],
  { row: at, column }: Entry,
): Group | undefined {
  const group = groupOf(row, { rows: 1, columns: frame.columns }, { row: 0, column });
  const whole = row.granularity === 'tensor';
  const rows = whole ? { from: 0, end: frame.rows } : { from: at, end: at + 1 };
  return group && { ...group, rows };
}
