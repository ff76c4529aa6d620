import { productOf, sameDim, type Dim } from '../../onnx/shape/dimension.ts';
import { allFixed, compressed, period, stretched, type Labels } from '../labels.ts';
import type { CutRule, Mark } from '../site.ts';

type Dims = readonly Dim[];

/** Axes of the one shape that hold the same entries as axes of the other: [from, to) of both. */
interface Segment {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
}

/**
 * The same numbers under other axes. A mark passes where members stay whole on one axis of the other side: columns
 * of heads become heads, q, k and v side by side become an axis of three.
 */
export const reshape: CutRule = {
  spread: (site) => {
    const [from, to] = [site.node.inputs[0], site.node.outputs[0]];
    for (const [one, other] of [
      [from, to],
      [to, from],
    ]) {
      const mark = site.mark(one);
      if (mark === undefined) continue;
      const [dims, others] = [site.dims(one), site.dims(other)];
      const moved = dims && others && movedMark(dims, others, mark);
      if (moved === undefined) return site.refuse('mixes this axis with others');
      site.put(other, moved.axis, moved.labels);
    }
  },
  settings: ({ site, after, count }) => {
    const { node } = site;
    const mark = site.mark(node.outputs[0]);
    const sizes = after(node.outputs[0]);
    if (mark === undefined || sizes === undefined || !node.inputs[1]) return {};
    const elements = sizes.map((size, axis) => (axis === mark.axis ? size : undefined));
    const scale = { by: count(mark.labels), of: mark.labels.length };
    return { inputs: [{ slot: 1, elements, open: true, scale }] };
  },
};

/**
 * The mark of a value under other axes; undefined where no axis of `b` has its members whole. The labels of one
 * period of the flattened segment say for each axis of `b` whether they depend on its index alone.
 */
export function movedMark(a: Dims, b: Dims, { axis, labels }: Mark): Mark | undefined {
  const segment = segmentsOf(a, b).find((s) => axis >= s.a[0] && axis < s.a[1]);
  if (segment === undefined) return undefined;
  const inner = productOf(a.slice(axis + 1, segment.a[1]));
  if (typeof inner !== 'number') return undefined;
  const flat = stretched(labels, inner);
  for (let at = segment.b[1] - 1; at >= segment.b[0]; at--) {
    const own = labelsAt(flat, b, at, segment.b);
    if (own !== undefined) return { axis: at, labels: own };
  }
  return undefined;
}

function labelsAt(
  flat: Labels,
  dims: Dims,
  at: number,
  [first, end]: readonly [number, number],
): Labels | undefined {
  const inner = productOf(dims.slice(at + 1, end));
  if (typeof inner !== 'number') return undefined;
  const coarse = compressed(flat, inner);
  if (coarse === undefined || isConstant(coarse)) return undefined;
  const size = dims[at];
  if (typeof size === 'number') return period(coarse, size);
  return at === first ? coarse : undefined;
}

function isConstant(labels: Labels): boolean {
  return allFixed(labels) || labels.every((label) => label === labels[0]);
}

/** Matches axes from the right, numbers by their products, then from the left; the rest is one segment. */
export function segmentsOf(a: Dims, b: Dims): Segment[] {
  const found: Segment[] = [];
  let [i, j] = [a.length, b.length];
  for (;;) {
    const start = closing(a, b, i, j);
    if (start === undefined) break;
    found.push({ a: [start[0], i], b: [start[1], j] });
    [i, j] = start;
  }
  let left = 0;
  while (left < Math.min(i, j) && sameDim(a[left], b[left]) === true) {
    found.push({ a: [left, left + 1], b: [left, left + 1] });
    left++;
  }
  if (i > left || j > left) found.push({ a: [left, i], b: [left, j] });
  return found;
}

/** Where the smallest segment that ends before i and j begins. */
function closing(a: Dims, b: Dims, i: number, j: number): readonly [number, number] | undefined {
  if (i === 0 || j === 0) return undefined;
  let [x, y] = [i - 1, j - 1];
  if (sameDim(a[x], b[y]) === true) return [x, y];
  let [p, q] = [a[x], b[y]];
  while (typeof p === 'number' && typeof q === 'number' && p !== q) {
    if (p < q) p = x > 0 ? times(p, a[--x]) : undefined;
    else q = y > 0 ? times(q, b[--y]) : undefined;
  }
  return typeof p === 'number' && p === q ? [x, y] : undefined;
}

function times(product: number, size: Dim): Dim {
  return typeof size === 'number' ? product * size : undefined;
}
