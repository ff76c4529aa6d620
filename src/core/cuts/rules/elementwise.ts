import { intAttribute } from '../../onnx/graph/attributes.ts';
import { axisOf, fromRight, link, rankOf, type CutRule, type Site } from '../site.ts';

/** Each element by itself, operands stretched to each other: all operands and results are cut alike. */
export const elementwise: CutRule = {
  spread: (site) => {
    const { inputs, outputs } = site.node;
    const values = [...inputs, ...outputs].filter((value) => value !== '');
    link(
      site,
      values.map((value) => ({ value, letters: fromRight(site, value) })),
    );
  },
};

/** One operand, one result of the same shape; other inputs say how. */
export const unary: CutRule = {
  spread: (site) => linkFirst(site, {}),
};

function linkFirst(site: Site, forbidden: Readonly<Record<string, string>>): void {
  const values = [site.node.inputs[0], ...site.node.outputs.filter((value) => value !== '')];
  link(
    site,
    values.map((value) => ({ value, letters: fromRight(site, value) })),
    forbidden,
  );
}

const MIXES = 'computes each entry from all entries along this axis';

/** Softmax: mixes along one axis, and all behind it before operator set 13. */
export const softmax: CutRule = {
  spread: (site) => {
    const rank = rankOf(site, site.node.inputs[0]);
    const old = site.opset < 13;
    const axis = axisOf(intAttribute(site.node, 'axis', old ? 1 : -1), rank);
    const mixed = Array.from({ length: rank }, (_, at) => at).filter((at) =>
      old ? at >= axis : at === axis,
    );
    linkFirst(site, Object.fromEntries(mixed.map((at) => [`a${rank - 1 - at}`, MIXES])));
  },
};

/** A scan along one axis, which an input names. */
export const cumulative: CutRule = {
  spread: (site) => {
    const rank = rankOf(site, site.node.inputs[0]);
    const [axis] = site.numbers(site.node.inputs[1]) ?? site.refuse('runs along an unknown axis');
    linkFirst(site, { [`a${rank - 1 - axisOf(axis, rank)}`]: MIXES });
  },
};

/** Layer and RMS norms: scale and bias stretch to x; the axes from `axis` on are normalised together. */
export const normalization: CutRule = {
  spread: (site) => {
    const { node } = site;
    const rank = rankOf(site, node.inputs[0]);
    const axis = axisOf(intAttribute(node, 'axis', -1), rank);
    const mixed = Array.from({ length: rank - axis }, (_, i) => [`a${i}`, NORMALISES]);
    const values = [...node.inputs, ...node.outputs].filter((value) => value !== '');
    link(
      site,
      values.map((value) => ({ value, letters: fromRight(site, value) })),
      Object.fromEntries(mixed) as Record<string, string>,
    );
  },
};

const NORMALISES = 'normalises over this axis';

/** The norms that add first: what they add and what comes out is the residual stream, which they normalise. */
export const skipNormalization: CutRule = {
  spread: (site) => {
    const values = [...site.node.inputs, ...site.node.outputs].filter((value) => value !== '');
    link(
      site,
      values.map((value) => ({ value, letters: fromRight(site, value) })),
      {
        a0: NORMALISES,
      },
    );
  },
};

/** Gelu(x, bias) of two halves, the second of which gates the first: [.., 2n] and [2n] to [.., n]. */
export const splitGelu: CutRule = {
  spread: (site) => site.refuse('cuts its input in halves in a way that is not followed yet'),
};
