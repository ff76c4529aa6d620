import { LatheError } from '../../../errors/lathe-error.ts';
import { editGraph } from '../../../onnx/graph/edit.ts';
import { indexGraph } from '../../../onnx/graph/index-graph.ts';
import { makeNode, makeTensor } from '../../../onnx/graph/make.ts';
import type { Model } from '../../../onnx/types.ts';
import { DataType } from '../../../tensor/data-type.ts';
import { standardOpset } from '../../../encodings/index.ts';
import { moduleName, type PlacedAdapter } from './adapter.ts';

/** Operator set from which a Dropout can be told to train. */
const TRAINING_SINCE = 12;

/**
 * The student with a Dropout in training mode before every A: Δy = scale·(dropout(x)·A)·B, as PEFT places
 * it. For training only: what is handed out has none. Throws `dropout-opset`.
 */
export function withDropout(
  model: Model,
  adapters: readonly PlacedAdapter[],
  share: number,
): Model {
  const opset = standardOpset(model);
  if (opset < TRAINING_SINCE) throw tooOld(opset);
  const edit = editGraph(model.graph);
  const index = indexGraph(model.graph);
  const ratio = edit.freshName('lora.dropout');
  const training = edit.freshName('lora.training');
  edit.addInitializer(makeTensor(ratio, [], Float32Array.of(share)));
  edit.addInitializer(
    makeTensor(training, [], { dataType: DataType.bool, bytes: Uint8Array.of(1) }),
  );
  for (const { layer, a } of adapters) {
    const [inner] = index.consumers(a);
    const kept = edit.freshName(`${moduleName(layer.name)}.lora.dropout`);
    edit.replaceNode(
      inner,
      makeNode('Dropout', [inner.inputs[0], ratio, training], [kept], {}, '', kept),
      { ...inner, inputs: [kept, a] },
    );
  }
  return { ...model, graph: edit.finish() };
}

function tooOld(opset: number): LatheError {
  return new LatheError(
    'dropout-opset',
    `The model is written in operator set ${opset}, in which nothing can be dropped while training; export it with operator set ${TRAINING_SINCE} or later, or set dropout to 0.`,
    { opset },
  );
}
