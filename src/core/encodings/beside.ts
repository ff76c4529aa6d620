import { editGraph, type GraphEditor } from '../onnx/graph/edit.ts';
import { indexGraph } from '../onnx/graph/index-graph.ts';
import { inferShapes } from '../onnx/shape/infer.ts';
import type { Model } from '../onnx/types.ts';
import { DataType } from '../tensor/data-type.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { Emitter } from './emitter.ts';
import type { Connection, Site } from './form.ts';
import { multiply } from './inner.ts';
import { nest } from './nest.ts';
import { standardOpset } from './place.ts';
import { withRequirements } from './requirements.ts';
import { storedNames } from './stored-names.ts';
import type { Encoded, WeightUse } from './types.ts';
import type { Slot, Written } from './write.ts';

/** A product with a matrix, whatever form that has: x and y = x·Wᵀ + b. */
type Ends = { readonly input: string; readonly output: string };

/** A layer, and a matrix of its shape that is to be multiplied with beside its own. */
export interface BesideLayer {
  readonly layer: Omit<WeightUse, 'twins'> & Ends & { readonly twins?: readonly Ends[] };
  readonly encoded: Encoded;
}

/**
 * Adds x·Êᵀ to what each layer makes, whose own weight stays as it is stored: y becomes y + x·Êᵀ. Expressions without values become
 * holes. `bytes` are those of Ê alone. Throws `layer-not-found`.
 */
export function addBeside(model: Model, layers: readonly BesideLayer[]): Written {
  const editor = editGraph(model.graph);
  const index = indexGraph(model.graph);
  const emit = new Emitter((base) => editor.freshName(base), index);
  const shapes = inferShapes(model);
  const bytes = new Map<string, number>();
  const slots = new Map<string, Slot>();
  for (const { layer, encoded } of layers) {
    const before = emit.storedBytes;
    const half = shapes.dataTypeOf(layer.input) === DataType.float16;
    const site = siteOf(layer, standardOpset(model), half ? DataType.float16 : DataType.float32);
    const form = nest.form(encoded, site);
    const names = storedNames(emit, form, encoded, { layer: layer.name, weight: layer.name });
    const connection = form.connect(emit, names);
    for (const ends of [layer, ...(layer.twins ?? [])]) {
      const made = index.producer(ends.output)?.node ?? notFound(layer.name);
      const sum = addTo(emit, editor, connection, ends, site.elementType);
      // Readers first: the sum itself must go on reading the layer's own output.
      editor.replaceUses(ends.output, sum.value);
      editor.insertAfter(made, ...sum.nodes());
    }
    bytes.set(layer.output, emit.storedBytes - before);
    slots.set(layer.output, { form, names });
  }
  for (const tensor of emit.initializers) editor.addInitializer(tensor);
  return { model: withRequirements({ ...model, graph: editor.finish() }, emit), bytes, slots };
}

function addTo(
  emit: Emitter,
  editor: GraphEditor,
  connection: Connection,
  { input, output }: Ends,
  elementType: number,
) {
  const product = multiply(emit, connection, input, { elementType });
  const value = editor.freshName(`${output}_corrected`);
  emit.op('Add', [output, product], {}, { output: value });
  return { value, nodes: () => emit.takeNodes() };
}

function siteOf(
  { outFeatures: rows, inFeatures: columns }: BesideLayer['layer'],
  opset: number,
  elementType: number,
): Site {
  return {
    ...{ rows, columns, dims: [columns, rows], stored: 'in-out', layout: 'in-out' },
    ...{ dataType: DataType.undefined, elementType, opset },
    uses: [{ op: 'MatMul', plain: true }],
  };
}

function notFound(name: string): never {
  throw new LatheError(
    'layer-not-found',
    `The layer "${name}" is not in this graph; recognise the model again before compressing it.`,
    { layer: name },
  );
}
