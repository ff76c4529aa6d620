import type { Anatomy, Block } from '../../anatomy/types.ts';
import { isSkipNorm } from '../../anatomy/residual.ts';
import type { GraphEditor } from '../../onnx/graph/edit.ts';
import { indexGraph } from '../../onnx/graph/index-graph.ts';
import { makeNode } from '../../onnx/graph/make.ts';
import type { Graph, Node } from '../../onnx/types.ts';
import { beforeCasts } from './casts.ts';
import type { Removed, RemovedPart } from './removed.ts';

/** What reads `value` is to read `instead`. */
interface Bypass {
  readonly value: string;
  readonly instead: string;
}

/**
 * The residual stream goes past what is removed: what read a sub-layer's output reads its input. Where onnxruntime
 * fused the sum with the norm of the next sub-layer, that norm stays, over the stream before.
 */
export function bypass(
  graph: Graph,
  editor: GraphEditor,
  anatomy: Anatomy,
  removed: Removed,
): void {
  const index = indexGraph(graph);
  const paths = removed.flatMap((part) => pathsOf(graph, part));
  // From the last to the first: a removed part's input may be the output of another removed one.
  for (const path of paths.reverse()) {
    const maker = index.producer(path.value)?.node;
    const fused = maker !== undefined && isNormedSum(maker, anatomy);
    if (fused) keepNorm(editor, maker, path);
    else editor.replaceUses(path.value, path.instead);
  }
}

/** What is passed by where a part goes, in the order of the stream. */
export function pathsOf(graph: Graph, { block, subLayers, whole }: RemovedPart): readonly Bypass[] {
  return whole ? alongBlock(graph, block) : subLayers.map((part) => part.bypass);
}

/** Whether a value of the stream is summed by an operator that makes the next sub-layer's norm as well. */
export function isFusedSum(graph: Graph, anatomy: Anatomy, value: string): boolean {
  const maker = graph.nodes.find(({ outputs }) => outputs.includes(value));
  return maker !== undefined && isNormedSum(maker, anatomy);
}

/** Where norms follow the sums, the norm is the sub-layer's own. */
function isNormedSum(node: Node, { normPlacement }: Anatomy): boolean {
  return isSkipNorm(node) && normPlacement !== 'post';
}

/** Sum by sum where all of a block's parts are known, for the norms that are fused with the sums. */
function alongBlock(graph: Graph, { input, output, subLayers }: Block): readonly Bypass[] {
  const sums = subLayers.filter((part, at) => part.output !== subLayers[at - 1]?.output);
  const starts = [...sums.map((part) => part.input), output];
  const ends = [input, ...sums.map((part) => part.output)];
  // A part that was not recognised would stand between two sums.
  const connected = starts.every((start, at) => {
    return start === ends[at] || beforeCasts(graph, start) === beforeCasts(graph, ends[at]);
  });
  if (!connected) return [{ value: output, instead: input }];
  return sums.map((part) => ({ value: part.output, instead: part.input }));
}

/** SkipLayerNormalization without its branch: the norm alone; what read the sum reads the stream. */
function keepNorm(editor: GraphEditor, node: Node, { instead }: Bypass): void {
  const [normed, , , sum] = node.outputs;
  const { gamma, beta } = normWeights(node);
  const inputs = [instead, gamma, ...(beta ? [beta] : [])];
  const epsilon = node.attributes.find(({ name }) => name === 'epsilon');
  const type = isSimplified(node) ? 'SimplifiedLayerNormalization' : 'LayerNormalization';
  const norm = makeNode(type, inputs, [normed], { axis: -1 }, '', node.name);
  const attributes = epsilon ? [...norm.attributes, epsilon] : norm.attributes;
  editor.replaceNode(node, { ...norm, attributes });
  if (sum) editor.replaceUses(sum, instead);
}

function isSimplified({ opType }: Node): boolean {
  return opType === 'SkipSimplifiedLayerNormalization';
}

function normWeights(node: Node): { readonly gamma: string; readonly beta?: string } {
  const [, , gamma, beta] = node.inputs;
  return isSimplified(node) ? { gamma } : { gamma, beta };
}

/**
 * Puts norms that stand alone back into the sum in front of them, where the norm that was fused there is read no more:
 * its weights then go.
 */
export function fuseNorms(graph: Graph, editor: GraphEditor): void {
  const index = indexGraph(graph);
  for (const norm of graph.nodes.filter(isLoneNorm)) {
    const sum = index.producer(norm.inputs[0])?.node;
    if (sum === undefined || !isSkipNorm(sum) || sum.outputs[3] !== norm.inputs[0]) continue;
    const unread = index.useCount(sum.outputs[0]) === 0;
    if (!unread || !isSimplified(sum) !== (norm.opType === 'LayerNormalization')) continue;
    if (!sameEpsilon(sum, norm)) continue;
    const [, gamma, beta] = norm.inputs;
    const [a, b, ...rest] = sum.inputs;
    const behind = isSimplified(sum) ? rest.slice(1) : rest.slice(2);
    const own = isSimplified(sum) ? [gamma] : [gamma, beta ?? ''];
    const outputs = [norm.outputs[0], ...sum.outputs.slice(1)];
    editor.removeNode(norm);
    editor.replaceNode(sum, { ...sum, inputs: [a, b, ...own, ...behind], outputs });
  }
}

function isLoneNorm({ opType, domain }: Node): boolean {
  const own = domain === '' || domain === 'ai.onnx';
  return own && (opType === 'LayerNormalization' || opType === 'SimplifiedLayerNormalization');
}

function sameEpsilon(a: Node, b: Node): boolean {
  const of = ({ attributes }: Node) => attributes.find(({ name }) => name === 'epsilon');
  const [x, y] = [of(a), of(b)];
  return x?.kind === 'float' && y?.kind === 'float' && x.value === y.value;
}
