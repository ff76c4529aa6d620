import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/build/graph-builder.ts';
import { normaliseFor } from './compared-values.ts';
import { lossesOf } from './objective-losses.ts';

/** softmax(x·keys)·values of 4 queries over 6 keys: what is looked at is not what looks. */
function acrossModel() {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [1, 2, 4, 8]);
  const keys = g.input('keys', 'float32', [1, 2, 8, 6]);
  const values = g.input('values', 'float32', [1, 2, 6, 8]);
  const scores = g.op('MatMul', [x, keys]);
  const shares = g.op('Softmax', [scores], { axis: -1 });
  const out = g.op('MatMul', [shares, values]);
  g.output(out, 'float32', [1, 2, 4, 8], 'logits');
  return g.finish({ opset: 18 });
}

describe('what an objective compares', () => {
  it('are vectors that can be told apart, for relations', () => {
    const model = acrossModel();
    const output = model.graph.outputs[0].name;
    const place = { index: 0, output, stream: [output] };
    const ground = { student: model, teacher: model, logits: output, guide: output };
    const given = { ...ground, labels: 'labels', batch: 1 };
    const pairs = [{ student: place, teacher: place }];
    expect(() => lossesOf([{ kind: 'attention', weight: 1, pairs }], given)).not.toThrow();
    expect(() => lossesOf([{ kind: 'relations', weight: 1, pairs }], given)).toThrow(
      'The query vectors in block 0 of the student could not be told apart by token and head, so their relations cannot be compared; set the weight of the relations to 0.',
    );
  });

  it('are values that both compute', () => {
    const pairs = [{ student: 'gone', teacher: 'logits' }];
    const objective = [{ kind: 'hidden', weight: 1, distance: 'mse', pairs }] as const;
    expect(() => normaliseFor(acrossModel(), 'student', objective, { batch: 1 })).toThrow(
      'The objective compares "gone", which the student does not compute; set the weights of the hidden states, the attention maps and the relations to 0.',
    );
    expect(() => normaliseFor(acrossModel(), 'teacher', objective, { batch: 1 })).not.toThrow();
  });
});
