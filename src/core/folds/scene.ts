import { findNorms } from '../anatomy/norms.ts';
import { isOp } from '../anatomy/operators.ts';
import type { Layer } from '../anatomy/types.ts';
import { viewGraph, type GraphView } from '../anatomy/view.ts';
import { cutGraph } from '../cuts/graph.ts';
import { intAttribute } from '../onnx/graph/attributes.ts';
import type { Dim } from '../onnx/shape/dimension.ts';
import type { Model, Node, Tensor } from '../onnx/types.ts';

/** A graph with everything a fold looks up. */
export interface Scene {
  readonly model: Model;
  readonly view: GraphView;
  /** Linear layers by the outputs of their nodes, twins included. */
  readonly layers: ReadonlyMap<string, Layer>;
  readonly norms: ReadonlySet<string>;
  readonly dims: (value: string) => readonly Dim[] | undefined;
  readonly numbers: (value: string | undefined) => readonly number[] | undefined;
}

/** The graph as folds see it. */
export function sceneOf(model: Model, layers: readonly Layer[]): Scene {
  const view = viewGraph(model.graph);
  const { dims, shapes } = cutGraph(model);
  const linear = layers.filter(({ op }) => op !== 'Gather');
  return {
    ...{ model, view, dims },
    layers: new Map(
      linear.flatMap((layer) =>
        [layer, ...(layer.twins ?? [])].map(({ output }) => [output, layer] as const),
      ),
    ),
    norms: new Set(findNorms(view).map(({ output }) => output)),
    numbers: (value) => {
      const known = value ? shapes.constant(value) : undefined;
      return known && Array.from<number | bigint, number>(known.data, Number);
    },
  };
}

/** A stored tensor behind casts, with the element type that is read. */
export function storedAt(
  { view }: Pick<Scene, 'view'>,
  value: string | undefined,
): { readonly tensor: Tensor; readonly dataType: number } | undefined {
  if (!value) return undefined;
  const tensor = view.tensor(value);
  if (tensor !== undefined) return { tensor, dataType: tensor.dataType };
  const node = view.maker(value);
  if (node === undefined || !isOp(node, 'Cast', 'Identity')) return undefined;
  const behind = storedAt({ view }, node.inputs[0]);
  if (behind === undefined) return undefined;
  return isOp(node, 'Cast')
    ? { ...behind, dataType: intAttribute(node, 'to', behind.dataType) }
    : behind;
}

/** What a person calls a node. */
export function called(node: Node): string {
  return `the ${node.opType} that makes "${node.outputs[0] ?? ''}"`;
}
