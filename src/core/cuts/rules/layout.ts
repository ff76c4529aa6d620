import { intAttribute, intsAttribute } from '../../onnx/graph/attributes.ts';
import { axisOf, fromRight, link, rankOf, type CutRule, type Site } from '../site.ts';

/** A name for each axis from the front. */
export const named = (rank: number, prefix = 'd'): string[] =>
  Array.from({ length: rank }, (_, axis) => `${prefix}${axis}`);

export const transpose: CutRule = {
  spread: (site) => {
    const { node } = site;
    const rank = rankOf(site, node.inputs[0]);
    const letters = named(rank);
    const order = intsAttribute(node, 'perm') ?? letters.map((_, axis) => rank - 1 - axis);
    link(site, [
      { value: node.inputs[0], letters },
      { value: node.outputs[0], letters: order.map((axis) => letters[axis]) },
    ]);
  },
};

/** Axes given as an attribute or, later, as an input. */
function axesOf(site: Site, slot: number, rank: number): readonly number[] | undefined {
  const given = intsAttribute(site.node, 'axes') ?? site.numbers(site.node.inputs[slot]);
  return given?.map((axis) => axisOf(axis, rank));
}

export const unsqueeze: CutRule = {
  spread: (site) => {
    const [from, to] = [site.node.inputs[0], site.node.outputs[0]];
    const rank = rankOf(site, to);
    const fresh = axesOf(site, 1, rank) ?? site.refuse('adds axes that are not known');
    const letters = named(rankOf(site, from));
    const rest = [...letters];
    const after = named(rank).map((_, axis) => (fresh.includes(axis) ? '' : (rest.shift() ?? '')));
    link(site, [
      { value: from, letters },
      { value: to, letters: after },
    ]);
  },
};

export const squeeze: CutRule = {
  spread: (site) => {
    const [from, to] = [site.node.inputs[0], site.node.outputs[0]];
    const letters = named(rankOf(site, from));
    const gone = axesOf(site, 1, letters.length) ?? site.refuse('removes axes that are not known');
    link(site, [
      { value: from, letters: letters.map((name, axis) => (gone.includes(axis) ? '' : name)) },
      { value: to, letters: letters.filter((_, axis) => !gone.includes(axis)) },
    ]);
  },
};

/** Sums, means, maxima over axes. */
export const reduction: CutRule = {
  spread: (site) => {
    const { node } = site;
    const letters = named(rankOf(site, node.inputs[0]));
    const given = axesOf(site, 1, letters.length);
    if (given === undefined && node.inputs[1]) site.refuse('reduces axes that are not known');
    const gone = given ?? letters.map((_, axis) => axis);
    const keeps = intAttribute(node, 'keepdims', 1) === 1;
    const after = keeps
      ? letters.map((name, axis) => (gone.includes(axis) ? '' : name))
      : letters.filter((_, axis) => !gone.includes(axis));
    const forbidden = Object.fromEntries(gone.map((axis) => [`d${axis}`, 'sums over this axis']));
    link(
      site,
      [
        { value: node.inputs[0], letters },
        { value: node.outputs[0], letters: after },
      ],
      forbidden,
    );
  },
};

/** Look-ups along one axis: the others pass. */
export const gather: CutRule = {
  spread: (site) => {
    const { node } = site;
    const [data, indices] = node.inputs;
    const letters = named(rankOf(site, data));
    const axis = axisOf(intAttribute(node, 'axis', 0), letters.length);
    const places = named(rankOf(site, indices), 'i');
    const after = [...letters.slice(0, axis), ...places, ...letters.slice(axis + 1)];
    link(
      site,
      [
        { value: data, letters },
        { value: indices, letters: places },
        { value: node.outputs[0], letters: after },
      ],
      { [`d${axis}`]: 'looks up along this axis' },
    );
  },
};

/** Look-ups and writes element by element along one axis; the others go in step. */
export const elements: CutRule = {
  spread: (site) => {
    const { node } = site;
    const values = [...node.inputs, node.outputs[0]];
    const letters = named(rankOf(site, node.inputs[0]));
    const axis = axisOf(intAttribute(node, 'axis', 0), letters.length);
    link(
      site,
      values.map((value) => ({ value, letters })),
      { [`d${axis}`]: 'looks up along this axis' },
    );
  },
};

/** Writes slices: data [i…, s…], indices [j…, k], updates [j…, s…]; only slices pass. */
export const scatterNd: CutRule = {
  spread: (site) => {
    const { node } = site;
    const [data, indices, updates] = node.inputs;
    const places = rankOf(site, indices);
    const depth = site.dims(indices)?.[places - 1];
    if (typeof depth !== 'number') return site.refuse('writes at places that are not known');
    const letters = named(rankOf(site, data)).map((name, axis) => (axis < depth ? '' : name));
    const own = [...named(places - 1).map(() => ''), ...letters.slice(depth)];
    link(site, [
      { value: data, letters },
      { value: updates, letters: own },
      { value: node.outputs[0], letters },
    ]);
  },
};

/** Padding: an axis that is padded stays. */
export const pad: CutRule = {
  spread: (site) => {
    const { node } = site;
    const letters = named(rankOf(site, node.inputs[0]));
    const pads = intsAttribute(node, 'pads') ?? site.numbers(node.inputs[1]);
    if (pads === undefined || node.inputs[3]) return site.refuse('pads axes that are not known');
    const rank = letters.length;
    const padded = letters.filter((_, axis) => pads[axis] !== 0 || pads[axis + rank] !== 0);
    link(
      site,
      [node.inputs[0], node.outputs[0]].map((value) => ({ value, letters })),
      Object.fromEntries(padded.map((name) => [name, 'pads this axis'])),
    );
  },
};

/** Stretches axes of size 1; the sizes it is told follow. */
export const expand: CutRule = {
  spread: (site) => {
    const values = [site.node.inputs[0], site.node.outputs[0]];
    link(
      site,
      values.map((value) => ({ value, letters: fromRight(site, value) })),
    );
  },
  settings: ({ site, after }) => {
    const { node } = site;
    const mark = site.mark(node.outputs[0]);
    const sizes = after(node.outputs[0]);
    const told = site.dims(node.inputs[1])?.[0];
    if (mark === undefined || sizes === undefined || typeof told !== 'number') return {};
    const from = told - sizes.length;
    const elements = Array.from({ length: told }, (_, i) =>
      i - from === mark.axis ? sizes[mark.axis] : undefined,
    );
    return { inputs: [{ slot: 1, elements, ones: site.mark(node.inputs[0]) !== undefined }] };
  },
};

/** Repeats: only axes that are not repeated pass, or those of size 1 that are. */
export const tile: CutRule = {
  spread: (site) => {
    const { node } = site;
    const letters = named(rankOf(site, node.inputs[0]));
    const times = site.numbers(node.inputs[1]) ?? site.refuse('repeats an unknown number of times');
    const dims = site.dims(node.inputs[0]) ?? [];
    const copied = letters.filter((_, axis) => times[axis] !== 1 && dims[axis] !== 1);
    link(
      site,
      [node.inputs[0], node.outputs[0]].map((value) => ({ value, letters })),
      Object.fromEntries(copied.map((name) => [name, 'repeats this axis'])),
    );
  },
  settings: ({ site, after }) => {
    const { node } = site;
    const mark = site.mark(node.outputs[0]);
    if (mark === undefined || site.mark(node.inputs[0]) !== undefined) return {};
    const sizes = after(node.outputs[0]) ?? [];
    const elements = sizes.map((size, axis) => (axis === mark.axis ? size : undefined));
    return { inputs: [{ slot: 1, elements }] };
  },
};

/** A value of one number everywhere, as large as its input says. */
export const constantOfShape: CutRule = {
  spread: () => undefined,
  settings: ({ site, after }) => {
    const mark = site.mark(site.node.outputs[0]);
    const sizes = after(site.node.outputs[0]);
    if (mark === undefined || sizes === undefined) return {};
    const elements = sizes.map((size, axis) => (axis === mark.axis ? size : undefined));
    return { inputs: [{ slot: 0, elements }] };
  },
};

/** It says how large something is: what is made of that is looked at when sizes are known. */
export const shape: CutRule = { spread: () => undefined };

/** A small tensor in the graph: it is cut as a weight is. */
export const constant: CutRule = { spread: () => undefined };
