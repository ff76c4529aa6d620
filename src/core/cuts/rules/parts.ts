import { intAttribute, intsAttribute } from '../../onnx/graph/attributes.ts';
import { allFixed, repeated, type Labels } from '../labels.ts';
import { axisOf, rankOf, type CutRule, type Mark, type Site } from '../site.ts';

/** Part of an axis: which indices of the whole it holds, in order. */
export interface Part {
  readonly value: string;
  readonly indices: readonly number[];
}

const range = (from: number, count: number, step = 1): number[] =>
  Array.from({ length: count }, (_, i) => from + i * step);

/** Marks go from a whole to its parts along `axis` and back; along other axes all go together. */
export function spreadParts(site: Site, whole: string, axis: number, parts: readonly Part[]): void {
  const values = [whole, ...parts.map(({ value }) => value)];
  const aside = values.map((value) => site.mark(value)).find((mark) => mark && mark.axis !== axis);
  if (aside) {
    for (const value of values) site.put(value, aside.axis, aside.labels);
    return;
  }
  const mark = site.mark(whole);
  if (mark) toParts(site, whole, mark, parts);
  for (const { value, indices } of parts) {
    const own = site.mark(value);
    if (own) site.putSome(whole, axis, indices, repeated(own.labels, indices.length));
  }
}

function toParts(site: Site, whole: string, { axis, labels }: Mark, parts: readonly Part[]): void {
  const all = wholeLabels(site, whole, axis, labels);
  for (const { value, indices } of parts) {
    const own = Int32Array.from(indices, (index) => all[index]);
    if (!allFixed(own)) site.put(value, axis, own);
  }
}

function wholeLabels(site: Site, value: string, axis: number, labels: Labels): Labels {
  const size = site.dims(value)?.[axis];
  if (typeof size !== 'number') site.refuse(`divides "${value}", whose size is not known`);
  return repeated(labels, size);
}

/** Sizes of values along an axis; refuses unknown ones. */
function sizesAlong(site: Site, values: readonly string[], axis: number): number[] {
  return values.map((value) => {
    const size = site.dims(value)?.[axis];
    return typeof size === 'number' ? size : site.refuse(`has a part "${value}" of unknown size`);
  });
}

function consecutive(site: Site, values: readonly string[], axis: number): Part[] {
  let from = 0;
  return sizesAlong(site, values, axis).map((size, i) => {
    const part = { value: values[i], indices: range(from, size) };
    from += size;
    return part;
  });
}

function touches(site: Site, values: readonly string[], axis: number): boolean {
  return values.some((value) => site.mark(value)?.axis === axis);
}

function spreadWhole(site: Site, whole: string, values: readonly string[], axis: number): void {
  const touched = touches(site, [whole, ...values], axis);
  const parts = touched
    ? consecutive(site, values, axis)
    : values.map((value) => ({ value, indices: [] }));
  spreadParts(site, whole, axis, parts);
}

export const split: CutRule = {
  spread: (site) => {
    const { node } = site;
    const axis = axisOf(intAttribute(node, 'axis', 0), rankOf(site, node.inputs[0]));
    spreadWhole(site, node.inputs[0], node.outputs, axis);
  },
  settings: ({ site, after }) => {
    const { node } = site;
    const axis = axisOf(intAttribute(node, 'axis', 0), rankOf(site, node.inputs[0]));
    if (site.mark(node.inputs[0])?.axis !== axis) return {};
    const sizes = node.outputs.map((value) => after(value)?.[axis]);
    if (intsAttribute(node, 'split')) return { attributes: { split: sizes.map(Number) } };
    return node.inputs[1] ? { inputs: [{ slot: 1, elements: sizes }] } : {};
  },
};

export const concat: CutRule = {
  spread: (site) => {
    const { node } = site;
    const rank = rankOf(site, node.outputs[0]);
    spreadWhole(site, node.outputs[0], node.inputs, axisOf(intAttribute(node, 'axis', 0), rank));
  },
};

interface Cutting {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
  /** Place of the axis in the lists of starts and ends. */
  readonly at: number;
}

export const slice: CutRule = {
  spread: (site) => {
    const [from, to] = [site.node.inputs[0], site.node.outputs[0]];
    const mark = site.mark(from) ?? site.mark(to);
    if (mark === undefined) return;
    const cutting = cuttingOf(site, mark.axis);
    const indices = cutting ? range(cutting.start, cutting.count, cutting.step) : [];
    // An axis that is not sliced passes whole.
    spreadParts(site, from, cutting ? cutting.axis : -1, [{ value: to, indices }]);
  },
  settings: ({ site, count }) => {
    const mark = site.mark(site.node.inputs[0]);
    const cutting = mark && cuttingOf(site, mark.axis);
    if (!mark || !cutting) return {};
    const all = wholeLabels(site, site.node.inputs[0], mark.axis, mark.labels);
    const stays = (to: number): number => count(all.subarray(0, to));
    const { start, step } = cutting;
    if (step !== 1) return interleaved(site, all, cutting, count);
    return bounds(site, cutting, stays(start), stays(start + cutting.count));
  },
};

/** Every n-th entry: runs of n belong to one member, so that the pattern stays. */
function interleaved(site: Site, all: Labels, cutting: Cutting, count: (labels: Labels) => number) {
  const { start, step } = cutting;
  const even = step > 0 && start < step && all.every((l, i) => l === all[i - (i % step)]);
  if (!even) site.refuse('takes entries of several members in turn');
  return bounds(site, cutting, start, count(all));
}

function bounds(site: Site, { at }: Cutting, start: number, end: number) {
  const list = (slot: number, value: number) => {
    const length = site.numbers(site.node.inputs[slot])?.length ?? at + 1;
    return Array.from({ length }, (_, i) => (i === at ? value : undefined));
  };
  return {
    inputs: [
      { slot: 1, elements: list(1, start) },
      { slot: 2, elements: list(2, end) },
    ],
  };
}

/** How a Slice cuts an axis; undefined when it leaves it whole. */
function cuttingOf(site: Site, axis: number): Cutting | undefined {
  const { inputs } = site.node;
  const dims = site.dims(inputs[0]);
  const [starts, ends] = [site.numbers(inputs[1]), site.numbers(inputs[2])];
  const axes = inputs[3] ? site.numbers(inputs[3]) : starts?.map((_, i) => i);
  if (!dims || !axes) return site.refuse('cuts axes that are not known');
  const at = axes.findIndex((one) => axisOf(one, dims.length) === axis);
  if (at < 0) return undefined;
  const size = dims[axis];
  const steps = inputs[4] ? site.numbers(inputs[4]) : axes.map(() => 1);
  if (!starts || !ends || !steps || typeof size !== 'number') {
    return site.refuse('cuts this axis at places that are not known');
  }
  return placed(site, { axis, at, size, start: starts[at], end: ends[at], step: steps[at] });
}

interface Bounds {
  readonly axis: number;
  readonly at: number;
  readonly size: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

function placed(site: Site, { axis, at, size, start, end, step }: Bounds): Cutting | undefined {
  if (step < 1) return site.refuse('turns this axis around');
  const inside = (place: number) => Math.min(Math.max(place < 0 ? place + size : place, 0), size);
  const [from, to] = [inside(start), inside(end)];
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (from === 0 && count === size) return undefined;
  return { axis, at, start: from, step, count };
}
