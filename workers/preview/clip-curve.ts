import type { Entry, Group } from '../../src/core/encodings/index.ts';
import type { Clip, UniformOptions } from '../../src/core/kernels/uniform.ts';
import { findGrids } from '../../src/core/kernels/rtn.ts';
import { clipErrors, groupsIn, type ClipGroup } from './clip-groups.ts';
import { rowsToCount } from './grid-histogram.ts';
import { rowsOf, type Outcome } from './outcome.ts';
import type { ClipCurve, ClipErrors, ClipMark } from './picture.ts';
import type { Subject } from './pictures.ts';

/** Of a larger layer so many weights are rounded again and again, in whole rows. */
const MOST_ROUNDED = 8192;

/** Shares of the whole range that are tried. */
const RATIOS = Float64Array.from({ length: 71 }, (_, i) => 0.25 + (i * 1.05) / 70);

const CLIPS: readonly Clip[] = ['none', 'mse', 'exact', 'octav', 'search'];

/** Widths that the kernels find clips for. */
const WIDTHS = [2, 3, 4, 5, 6, 8] as const;

/**
 * Σ m·(ŵ − w)² / Σ m·w² of rounding to the grid of an outcome, over how much of the range that reaches the largest weight the
 * grid covers; of the chosen block, and, where grids are even, of all blocks cut alike. Undefined without a grid.
 */
export function clipCurve(
  subject: Subject,
  outcome: Outcome | undefined,
  entry: Entry,
  importance?: Float32Array,
): Omit<ClipCurve, 'layer'> | undefined {
  const group = outcome?.group(entry);
  if (group === undefined || outcome === undefined || group.scale === 0) return undefined;
  const { columns } = subject.frame;
  const m = importance?.length === columns ? importance : undefined;
  const block = errorsOf(subject, blockRows(subject, group), group, m);
  // Tables may be another one in each row, and a block may be all there is.
  const alone = group.zero === undefined || group.rows.end - group.rows.from > 1;
  const layer = alone ? undefined : layerErrors(subject, group, m);
  return {
    ...{ bits: group.bits, ratios: RATIOS, weighted: m !== undefined },
    block: withOwn(subject, outcome, group, block, m),
    ...(layer && { whole: layer }),
  };
}

type Shared = Pick<Group, 'bits' | 'zero' | 'levels' | 'rows' | 'columns'>;

function blockRows({ frame }: Subject, { rows, columns }: Shared): readonly number[] {
  const shape = { rows: rows.end - rows.from, columns: columns.end - columns.from };
  return rowsToCount(shape, MOST_ROUNDED).map((row) => rows.from + Math.min(row, frame.rows - 1));
}

function layerErrors(subject: Subject, group: Shared, m: Float32Array | undefined) {
  const { rows, columns } = subject.frame;
  const width = group.columns.end - group.columns.from;
  const whole = { ...group, columns: { from: 0, end: columns } };
  const picked = rowsToCount({ rows, columns }, MOST_ROUNDED);
  return errorsOf(subject, picked, whole, m, width);
}

/** The curve and the marks over some rows and a span of columns, which groups of `width` columns divide. */
function errorsOf(
  { frame, weight }: Subject,
  picked: readonly number[],
  { columns, ...grid }: Shared,
  m: Float32Array | undefined,
  width = columns.end - columns.from,
): ClipErrors {
  const rows = rowsOf(weight.values, picked, frame.columns);
  const span = columns.end - columns.from;
  const values = new Float32Array(picked.length * span);
  picked.forEach((_, r) => {
    const at = r * frame.columns;
    values.set(rows.subarray(at + columns.from, at + columns.end), r * span);
  });
  const one = grid.rows.end - grid.rows.from > 1;
  const shape = one
    ? { rows: 1, columns: values.length, width: values.length }
    : { rows: picked.length, columns: span, width };
  const each = m?.subarray(columns.from, columns.end);
  const groups = groupsIn(values, shape, grid, each);
  const signal = groups.reduce((sum, { signal: own }) => sum + own, 0) || 1;
  const errors = Float64Array.from(RATIOS, (ratio) => {
    let sum = 0;
    for (const group of groups) sum += clipErrors(group, ratio);
    return sum / signal;
  });
  return { errors, weights: values.length, marks: marksOf(values, shape, groups, signal, grid) };
}

/** Where each way of clipping lands: the mean share of its groups' ranges, and the error of all of them. */
function marksOf(
  values: Float32Array,
  { rows, columns, width }: { rows: number; columns: number; width: number },
  groups: readonly ClipGroup[],
  signal: number,
  { bits, zero }: Pick<Shared, 'bits' | 'zero'>,
): readonly ClipMark[] {
  const known = WIDTHS.find((each) => each === bits);
  if (known === undefined || zero === undefined) return [];
  const range = zero === 2 ** (bits - 1) ? 'signed-max' : 'minmax';
  const options: UniformOptions = { bits: known, groupSize: width, range };
  const full = findGrids(values, rows, columns, options).scales;
  return CLIPS.map((clip) => {
    const { scales } = findGrids(values, rows, columns, { ...options, clip });
    let [error, ratios] = [0, 0];
    groups.forEach((group, g) => {
      const ratio = full[g] === 0 ? 1 : Math.abs(scales[g] / full[g]);
      error += clipErrors(group, ratio);
      ratios += ratio;
    });
    return { name: clip, ratio: ratios / groups.length, error: error / signal };
  });
}

/** The block's curve with what the step on the bench, or the file, made of it. */
function withOwn(
  { weight, frame }: Subject,
  outcome: Outcome,
  group: Group,
  { marks, ...rest }: ClipErrors,
  m: Float32Array | undefined,
): ClipErrors {
  const { columns, rows, levels } = group;
  const reach = levels.reduce((most, level) => Math.max(most, Math.abs(level)), 0);
  const after = outcome.rows([rows.from]).values;
  let [largest, error, signal] = [0, 0, 0];
  if (rows.end - rows.from > 1) return { ...rest, marks };
  for (let c = columns.from; c < columns.end; c++) {
    const w = weight.values[rows.from * frame.columns + c];
    const counts = m?.[c] ?? 1;
    largest = Math.max(largest, Math.abs(w));
    error += counts * (after[c] - w) ** 2;
    signal += counts * w * w;
  }
  if (largest === 0 || signal === 0) return { ...rest, marks };
  return { ...rest, marks, own: { ratio: reach / largest, error: error / signal } };
}
