import { intAttribute, stringAttribute } from '../graph/attributes.ts';
import { makeAttribute, makeNode } from '../graph/make.ts';
import type { Node } from '../types.ts';
import {
  axesToInput,
  clipToInputs,
  countOutputs,
  countToInput,
  padToInputs,
  scalesToInput,
  sliceToInputs,
  splitToInput,
} from './attribute-inputs.ts';
import { without, type Rewrite } from './setting.ts';

/**
 * Softmax before 13 is over all axes from `axis` on, as if they were one; since 13 over `axis` alone.
 * The same where `axis` is the last, else the axes are really made one.
 */
const softmax: Rewrite = (node, setting) => {
  const axis = intAttribute(node, 'axis', 1);
  const rank = setting.rankOf(node.inputs[0]);
  const last = { ...without(node, 'axis'), attributes: [makeAttribute('axis', -1)] };
  if (axis === -1 || (rank !== undefined && axis === rank - 1)) return [last];
  const [input, output] = [node.inputs[0], node.outputs[0]];
  const [flat, made, shape] = ['flat', 'rows', 'shape'].map((part) =>
    setting.fresh(`${output}_${part}`),
  );
  return [
    makeNode('Shape', [input], [shape]),
    makeNode('Flatten', [input], [flat], { axis }),
    { ...last, inputs: [flat], outputs: [made] },
    makeNode('Reshape', [made, shape], [output]),
  ];
};

/** What is never dropped in inference is handed through; the ratio is an input since 12. */
const dropout: Rewrite = (node) => [without(node, 'ratio', 'is_test')];

/** 7 and 8 could normalise every place by itself, which no later version can. */
const spatialOnly: Rewrite = (node) =>
  intAttribute(node, 'spatial', 1) === 1
    ? [without(node, 'spatial')]
    : 'it normalises every place by itself (spatial = 0)';

/** Since 14 training is an attribute and gives other outputs; in inference nothing changed. */
const inferenceOnly: Rewrite = (node) => {
  const kept = node.outputs.filter((output) => output !== '');
  return kept.length === 1 ? [{ ...node, outputs: kept }] : 'it is written for training';
};

const upsample: Rewrite = (node) => [{ ...node, opType: 'Resize' }];

/** Resize-10 knows one way to place and to round; 11 has to be told which. */
const resize: Rewrite = (node) => {
  const mode = stringAttribute(node, 'mode', 'nearest');
  const placed = makeAttribute('coordinate_transformation_mode', 'asymmetric');
  const rounded = mode === 'nearest' ? [makeAttribute('nearest_mode', 'floor')] : [];
  const [input, scales] = node.inputs;
  return [
    { ...node, inputs: [input, '', scales], attributes: [...node.attributes, placed, ...rounded] },
  ];
};

const scatter: Rewrite = (node) => [{ ...node, opType: 'ScatterElements' }];

const SOFTMAXES = ['Softmax', 'LogSoftmax', 'Hardmax'].map((name) => [name, { 13: softmax }]);
const REDUCTIONS = [
  ...['Mean', 'Max', 'Min', 'Prod', 'SumSquare', 'L1', 'L2', 'LogSum', 'LogSumExp'].map((name) => [
    `Reduce${name}`,
    { 18: axesToInput },
  ]),
];

/** What a node of an older version becomes in the one that changed its meaning (onnx/docs/Changelog.md). */
const REWRITES: Readonly<Record<string, Readonly<Record<number, Rewrite>>>> = {
  ...(Object.fromEntries([...SOFTMAXES, ...REDUCTIONS]) as Record<string, Record<number, Rewrite>>),
  ReduceSum: { 13: axesToInput },
  Squeeze: { 13: axesToInput },
  Unsqueeze: { 13: axesToInput },
  Split: { 13: splitToInput, 18: countOutputs },
  Slice: { 10: sliceToInputs },
  TopK: { 10: countToInput },
  Clip: { 11: clipToInputs },
  Pad: { 11: padToInputs },
  Dropout: { 12: dropout },
  BatchNormalization: { 9: spatialOnly, 14: inferenceOnly },
  Upsample: { 9: scalesToInput, 10: upsample },
  Resize: { 11: resize },
  Scatter: { 11: scatter },
};

/** The rewrite of an operator at the version that changed it; undefined where there is none. */
export function rewriteOf({ opType }: Node, version: number): Rewrite | undefined {
  return REWRITES[opType]?.[version];
}
