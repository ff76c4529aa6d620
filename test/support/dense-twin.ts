import type { CutGroup } from '../../src/core/cuts/group.ts';
import type { ColumnCut } from '../../src/core/methods/pruning/structured/refit.ts';
import { storedMatrix } from '../../src/core/methods/pruning/structured/tensors.ts';
import { columnsOf, unitsOf } from '../../src/core/methods/pruning/structured/units.ts';
import { editGraph } from '../../src/core/onnx/graph/edit.ts';
import { makeNode, makeTensor } from '../../src/core/onnx/graph/make.ts';
import { memoryData } from '../../src/core/onnx/tensor-data.ts';
import type { Model } from '../../src/core/onnx/types.ts';

/** The whole model with zeros for the columns that go, the others' new values, and the shift added behind each product. */
export function denseTwin(
  model: Model,
  cuts: readonly { readonly group: CutGroup; readonly cut: ColumnCut }[],
): Model {
  const edit = editGraph(model.graph);
  for (const { group, cut } of cuts) {
    for (const layer of group.readers) {
      const stored = storedMatrix(model, layer);
      if (!stored) throw new Error(`"${layer.name}" is no plain weight.`);
      const data = memoryData(stored.bytes(spreadOut(group, cut, layer.outFeatures)));
      edit.replaceInitializer(stored.tensor.name, { ...stored.tensor, data });
      if (cut.shift) addBehind(edit, layer.output, cut.shift);
      for (const twin of layer.twins ?? []) if (cut.shift) addBehind(edit, twin.output, cut.shift);
    }
  }
  return { ...model, graph: edit.finish() };
}

/** Ŵ [out, in] with zeros. */
function spreadOut(group: CutGroup, { kept, values }: ColumnCut, rows: number): Float32Array {
  const columns = columnsOf(kept, unitsOf(group));
  const out = new Float32Array(rows * group.columns.length);
  for (let r = 0; r < rows; r++)
    columns.forEach((j, i) => {
      out[r * group.columns.length + j] = values[r * columns.length + i];
    });
  return out;
}

function addBehind(edit: ReturnType<typeof editGraph>, output: string, shift: Float32Array): void {
  const vector = edit.freshName(`${output}_twin_shift`);
  edit.addInitializer(makeTensor(vector, [shift.length], shift));
  const sum = edit.freshName(`${output}_twin`);
  edit.replaceUses(output, sum);
  edit.addNodes(makeNode('Add', [output, vector], [sum]));
}
