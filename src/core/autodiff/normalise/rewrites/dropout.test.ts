import { describe, expect, it } from 'vitest';
import { distance, runModel, waves } from '../../../../../test/support/run-model.ts';
import { GraphBuilder } from '../../../onnx/build/graph-builder.ts';
import type { Model } from '../../../onnx/types.ts';
import { DataType } from '../../../tensor/data-type.ts';
import { MaskInputs } from '../masks.ts';
import { normalise } from '../normalise.ts';

const DIMS = [2, 3, 4];
const COUNT = 24;

interface Form {
  readonly ratio?: number | 'input';
  readonly training?: boolean | 'input';
  readonly opset?: number;
  readonly mask?: boolean;
}

function dropoutModel({ ratio = 0.25, training = true, opset = 17, mask }: Form = {}): Model {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', DIMS);
  const p = ratio === 'input' ? g.input('p', 'float32', []) : g.floats('p', [], [ratio]);
  const mode =
    training === 'input'
      ? g.input('mode', 'bool', [])
      : g.initializer('mode', [], {
          dataType: DataType.bool,
          bytes: Uint8Array.of(training ? 1 : 0),
        });
  const inputs = opset < 12 ? [x] : [x, p, mode];
  const [y, flags] = g.ops('Dropout', inputs, mask ? 2 : 1, {}, { name: 'drop' });
  g.output(y, 'float32', DIMS, 'y');
  if (mask) g.output(flags, 'bool', DIMS, 'flags');
  return g.finish({ opset });
}

/** As a training graph sees it. */
function normaliseForTraining(model: Model) {
  const inputs = new MaskInputs();
  return { model: normalise(model, {}, inputs), masks: inputs.masks };
}

const bytes = Uint8Array.from({ length: COUNT }, (_, i) => (i % 3 === 0 ? 0 : 1));

describe('a Dropout in training mode', () => {
  it('passes its input on in a plain graph', async () => {
    const normal = normalise(dropoutModel(), {});
    const x = waves(DIMS);
    expect(normal.graph.inputs.map(({ name }) => name)).toEqual(['x']);
    expect(distance((await runModel(normal, { x })).get('y'), x)).toBe(0);
  });

  it('is x ⊙ mask / (1 − p) in a training graph, the mask an input', async () => {
    const { model, masks } = normaliseForTraining(dropoutModel({ mask: true }));
    expect(masks).toEqual([{ name: 'train.dropout/0', dims: DIMS, keep: 0.75 }]);
    expect(model.graph.nodes.map(({ opType }) => opType)).not.toContain('Dropout');
    const x = waves(DIMS);
    const mask = { dataType: DataType.uint8, dims: DIMS, data: bytes };
    const found = await runModel(model, { x, 'train.dropout/0': mask });
    const expected = Float32Array.from(bytes, (bit, i) =>
      Math.fround(Number(x.data[i]) * Math.fround(bit * Math.fround(1 / 0.75))),
    );
    expect(found.get('y')?.data).toEqual(expected);
    expect(Array.from(found.get('flags')?.data ?? [], Number)).toEqual([...bytes]);
  });
});

describe.each<[string, Form]>([
  ['is not in training mode', { training: false }],
  ['is told while it runs whether it trains', { training: 'input' }],
  ['drops nothing', { ratio: 0 }],
  ['is of a time when it never trained', { opset: 11 }],
])('a Dropout that %s', (_, form) => {
  it('needs no mask', () => {
    const { model, masks } = normaliseForTraining(dropoutModel(form));
    expect(masks).toEqual([]);
    expect(model.graph.nodes.map(({ opType }) => opType)).toEqual(['Identity']);
  });
});

describe('a Dropout that cannot be trained through', () => {
  it('has a ratio that is computed', () => {
    expect(() => normaliseForTraining(dropoutModel({ ratio: 'input' }))).toThrow(
      'The Dropout node "/drop" computes while it runs how much it drops; export it with a constant ratio.',
    );
  });

  it('drops everything', () => {
    expect(() => normaliseForTraining(dropoutModel({ ratio: 1 }))).toThrow(
      'The Dropout node "/drop" drops the share 1 of its input, which leaves nothing to learn from; export it with a ratio from 0 to below 1.',
    );
  });
});
