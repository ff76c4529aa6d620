import { intAttribute, stringAttribute } from '../../onnx/graph/attributes.ts';
import { fromRight, link, rankOf, type CutRule, type Site } from '../site.ts';

/** The letters of a matrix product's operand: batch axes from the right, then rows and columns. */
function matrix(
  site: Site,
  value: string,
  rows: string,
  columns: string,
  turned = false,
): string[] {
  const letters = fromRight(site, value);
  const rank = letters.length;
  // A vector has only the axis that is summed over.
  if (rank === 1) return [rows === 'k' ? rows : columns];
  const last = turned ? [columns, rows] : [rows, columns];
  return [...letters.slice(0, rank - 2), ...last];
}

/** A[.., m, k]·B[.., k, n], either of them turned. */
export const matMul: CutRule = {
  spread: (site) => {
    const { node } = site;
    const [a, b] = node.inputs;
    const turned = (name: string) => intAttribute(node, name, 0) !== 0;
    if (turned('transBatchA') || turned('transBatchB')) site.refuse('turns batches');
    const vectors = [a, b].some((value) => rankOf(site, value) === 1);
    if (vectors) site.refuse('multiplies with a vector');
    link(site, [
      { value: a, letters: matrix(site, a, 'm', 'k', turned('transA')) },
      { value: b, letters: matrix(site, b, 'k', 'n', turned('transB')) },
      { value: node.outputs[0], letters: matrix(site, node.outputs[0], 'm', 'n') },
    ]);
  },
};

/** A·B + C, C stretched to the result. */
export const gemm: CutRule = {
  spread: (site) => {
    const { node } = site;
    const [a, b, c] = node.inputs;
    const turned = (name: string) => intAttribute(node, name, 0) !== 0;
    const pair = (first: string, second: string, swap: boolean) =>
      swap ? [second, first] : [first, second];
    link(site, [
      { value: a, letters: pair('m', 'k', turned('transA')) },
      { value: b, letters: pair('k', 'n', turned('transB')) },
      { value: node.outputs[0], letters: ['m', 'n'] },
      ...(c ? [{ value: c, letters: ['m', 'n'].slice(-rankOf(site, c) || 2) }] : []),
    ]);
  },
};

/** X [b, in, …]·W [out, in, …]: one group of channels, or as many as there are channels. */
export const convolution: CutRule = {
  spread: (site) => {
    const { node } = site;
    const [x, w, bias] = node.inputs;
    const group = intAttribute(node, 'group', 1);
    const places = (value: string) => Array.from({ length: rankOf(site, value) - 2 }, () => '');
    if (group !== 1 && !isDepthwise(site, w, group)) site.refuse(`has ${group} groups of channels`);
    const channels = group === 1 ? ['in', 'out'] : ['out', 'out'];
    link(site, [
      { value: x, letters: ['', channels[0], ...places(x)] },
      { value: w, letters: ['out', group === 1 ? 'in' : '', ...places(w)] },
      { value: bias, letters: ['out'] },
      { value: node.outputs[0], letters: ['', 'out', ...places(node.outputs[0])] },
    ]);
  },
  settings: ({ site, after }) => {
    const { node } = site;
    const channels = after(node.outputs[0])?.[1];
    const depthwise = intAttribute(node, 'group', 1) !== 1;
    return depthwise && typeof channels === 'number' ? { attributes: { group: channels } } : {};
  },
};

function isDepthwise(site: Site, weight: string, group: number): boolean {
  const dims = site.dims(weight);
  return dims?.[0] === group && dims[1] === 1;
}

/** Axes of the same letter of the equation. */
export const einsum: CutRule = {
  spread: (site) => {
    const { node } = site;
    const equation = stringAttribute(node, 'equation', '').replace(/\s/g, '');
    const [operands, result] = equation.split('->');
    if (result === undefined || equation.includes('.')) site.refuse(`computes "${equation}"`);
    link(site, [
      ...operands
        .split(',')
        .map((letters, i) => ({ value: node.inputs[i], letters: [...letters] })),
      { value: node.outputs[0], letters: [...result] },
    ]);
  },
};

/** Products with weights stored as codes. */
export const coded: CutRule = {
  spread: (site) => site.refuse('has its weight stored as codes; cut before you quantize'),
};
