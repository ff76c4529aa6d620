import { describe, expect, it } from 'vitest';
import { interpret } from '../../../../test/support/interpret/interpret.ts';
import { generate, type F64Value } from '../../../../test/support/interpret/value.ts';
import { differentiate } from '../../autodiff/differentiate.ts';
import { Emitter } from '../../autodiff/emitter.ts';
import { makeGraph, makeModel, makeValueInfo } from '../../onnx/graph/make.ts';
import { normal, seededRandom } from '../../random/seeded.ts';
import { DataType } from '../../tensor/data-type.ts';
import { crossEntropy } from './cross-entropy.ts';
import { cosineDistance, meanSquaredError } from './distance.ts';
import { divergence, type Direction } from './divergence.ts';
import type { Loss } from './types.ts';

const BATCH = 2;
const LENGTH = 3;
const CLASSES = 5;
const DIMS = [BATCH, LENGTH, CLASSES];
const LABELS = [1, 4, -100, 0, -100, 2];

const scores = (seed: number): F64Value => {
  const random = seededRandom(seed, 'scores');
  return generate(DataType.float32, DIMS, () => 2 * normal(random));
};
const labels = generate(DataType.int64, [BATCH, LENGTH], (i) => LABELS[i]);

/** A graph of the loss and ∂L/∂(first input). */
function lossModel(loss: Loss) {
  const types = new Map([
    ['s', { dataType: DataType.float32, dims: DIMS }],
    ['t', { dataType: DataType.float32, dims: DIMS }],
    ['labels', { dataType: DataType.int64, dims: [BATCH, LENGTH] }],
  ]);
  const emit = new Emitter({ type: (v) => types.get(v), constant: () => undefined }, 'x/');
  const { value, seeds } = loss(emit);
  const graph = makeGraph({ nodes: [...emit.nodes], outputs: [] });
  const start = seeds ?? new Map([[value, emit.scalar(1)]]);
  const gradient = differentiate(graph, start, ['s'], emit).gradients.get('s') ?? '';
  const info = [value, gradient].map((name) => makeValueInfo(name, DataType.float32));
  const inputs = [...types].map(([name, { dataType, dims }]) =>
    makeValueInfo(name, dataType, dims),
  );
  const model = makeModel(
    makeGraph({ nodes: emit.nodes, initializers: emit.initializers, inputs, outputs: info }),
    { '': 18 },
  );
  return (s: F64Value, t: F64Value) => {
    const values = interpret(model, { s, t, labels });
    return { loss: values.get(value)?.data[0] ?? NaN, gradient: values.get(gradient)?.data };
  };
}

function softmax(row: readonly number[], temperature: number): number[] {
  const z = row.map((value) => Math.exp(value / temperature));
  const sum = z.reduce((a, b) => a + b, 0);
  return z.map((value) => value / sum);
}

/** Mean over the rows with a label of f(teacher's row, student's row, label). */
function overRows(f: (t: number[], s: number[], label: number) => number): number {
  const [s, t] = [scores(1).data, scores(2).data].map((data) => [...data]);
  const counted = LABELS.map((label, row) => ({ label, row })).filter(({ label }) => label >= 0);
  const row = (data: number[], r: number) => data.slice(r * CLASSES, (r + 1) * CLASSES);
  return (
    counted.reduce((sum, { label, row: r }) => sum + f(row(t, r), row(s, r), label), 0) /
    counted.length
  );
}

const kl = (p: number[], q: number[]): number =>
  p.reduce((sum, value, i) => sum + value * Math.log(value / q[i]), 0);

const T = 2;
const DEFINITIONS: Record<Direction, (p: number[], q: number[]) => number> = {
  forward: (p, q) => kl(p, q),
  reverse: (p, q) => kl(q, p),
  'jensen-shannon': (p, q) => {
    const m = p.map((value, i) => (value + q[i]) / 2);
    return (kl(p, m) + kl(q, m)) / 2;
  },
};

const CASES: [string, Loss, number][] = [
  [
    'cross-entropy',
    crossEntropy('s', 'labels'),
    overRows((_, s, label) => -Math.log(softmax(s, 1)[label])),
  ],
  ...(Object.keys(DEFINITIONS) as Direction[]).map((direction): [string, Loss, number] => [
    `${direction} divergence`,
    divergence('s', 't', 'labels', { direction, temperature: T }),
    overRows((t, s) => T * T * DEFINITIONS[direction](softmax(t, T), softmax(s, T))),
  ]),
  [
    'mean squared error',
    meanSquaredError('s', 't'),
    scores(1).data.reduce((sum, v, i) => sum + (v - scores(2).data[i]) ** 2, 0) / 30,
  ],
];

describe('losses', () => {
  it.each(CASES)('%s is what its definition says', (_, loss, expected) => {
    expect(lossModel(loss)(scores(1), scores(2)).loss).toBeCloseTo(expected, 9);
  });

  it.each([...CASES, ['cosine distance', cosineDistance('s', 't'), 0] as const])(
    '%s has the gradient that central differences find',
    (_, loss) => {
      const run = lossModel(loss);
      const { gradient } = run(scores(1), scores(2));
      const h = 1e-5;
      const moved = (i: number, by: number) =>
        generate(DataType.float32, DIMS, (k) => scores(1).data[k] + (k === i ? by : 0));
      for (let i = 0; i < BATCH * LENGTH * CLASSES; i++) {
        const slope =
          (run(moved(i, h), scores(2)).loss - run(moved(i, -h), scores(2)).loss) / (2 * h);
        // Constants of the graph are float32: a gradient of about 1 is good to 2⁻²⁴.
        expect(Math.abs((gradient?.[i] ?? NaN) - slope)).toBeLessThan(1e-7);
      }
    },
  );

  it.each(Object.keys(DEFINITIONS) as Direction[])('%s is 0 for equal models', (direction) => {
    const run = lossModel(divergence('s', 't', 'labels', { direction, temperature: 3 }));
    const { loss, gradient } = run(scores(1), scores(1));
    expect(Math.abs(loss)).toBeLessThan(1e-12);
    gradient?.forEach((value) => expect(Math.abs(value)).toBeLessThan(1e-12));
  });
});
