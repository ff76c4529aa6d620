import type { Layer } from '../../src/core/anatomy/types.ts';
import { type Encoded, type Product, type Sum } from '../../src/core/encodings/index.ts';
import { readWeight } from '../../src/core/methods/weight.ts';
import { indexGraph } from '../../src/core/onnx/graph/index-graph.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';

/** Two thin matrices that the layer multiplies with one after the other: Ŵ = L·R. */
export async function productOf(file: Model, second: Layer, first: Layer): Promise<Product> {
  const [l, r] = [await readWeight(file, second), await readWeight(file, first)];
  const plain = ({ values }: typeof l) =>
    ({ kind: 'plain', dataType: DataType.float32, values }) as const;
  return { kind: 'product', rank: first.outFeatures, left: plain(l), right: plain(r) };
}

/** Of layers that multiply one after the other: the one before, where both together have the shape that is looked for. */
export function firstOf(layers: readonly Layer[], second: Layer, whole: Layer): Layer | undefined {
  if (second.outFeatures !== whole.outFeatures) return undefined;
  return layers.find(
    ({ output, input, inFeatures }) =>
      output === second.input && input === whole.input && inFeatures === whole.inFeatures,
  );
}

/**
 * A layer whose output is the sum of what parts of its weight make of its input: codes, and two thin matrices beside them.
 * `layers` are those of the file, of which each part is one or two; undefined where a part is none of these.
 */
export async function sumOf(
  file: Model,
  layers: readonly Layer[],
  whole: Layer,
  encodedOf: (part: Layer) => Promise<Encoded>,
): Promise<Sum | undefined> {
  const node = indexGraph(file.graph).producer(whole.output)?.node;
  if (node?.opType !== 'Add' || node.inputs.length !== 2) return undefined;
  const parts: Encoded[] = [];
  for (const value of node.inputs) {
    const part = layers.find(({ output }) => output === value);
    if (part === undefined) return undefined;
    const first = firstOf(layers, part, whole);
    if (first !== undefined) parts.push(await productOf(file, part, first));
    else if (part.input === whole.input && sameShape(part, whole))
      parts.push(await encodedOf(part));
    else return undefined;
  }
  return { kind: 'sum', parts };
}

function sameShape(one: Layer, other: Layer): boolean {
  return one.outFeatures === other.outFeatures && one.inFeatures === other.inFeatures;
}
