import { describe, expect, it } from 'vitest';
import { goldenLosses, type GoldenLoss } from '../../../../test/golden/distillation-losses.ts';
import { interpret } from '../../../../test/support/interpret/interpret.ts';
import { f64, type F64Value } from '../../../../test/support/interpret/value.ts';
import { differentiate } from '../../autodiff/differentiate.ts';
import { Emitter } from '../../autodiff/emitter.ts';
import { makeGraph, makeModel, makeValueInfo } from '../../onnx/graph/make.ts';
import { DataType } from '../../tensor/data-type.ts';
import { attentionDivergence, type AttentionMap } from './attention.ts';
import { cosineDistance, meanSquaredError } from './distance.ts';
import { relationDivergence, type HeadVectors } from './relations.ts';
import type { WrittenLoss } from './types.ts';

type Four = AttentionMap['dims'];

const four = ([a, b, c, d]: readonly number[]): Four => [a, b, c, d];

/** softmax(scores + forbidden) as it stands in a model, and the loss over it. */
function attentionLoss(emit: Emitter, { student }: GoldenLoss): WrittenLoss {
  const forbidden = emit.scale(emit.sub(emit.scalar(1), 'mask'), -1e30);
  const map = (raw: string): AttentionMap => {
    const scores = emit.add(raw, forbidden);
    const shares = emit.unary('Softmax', scores, { axis: -1 });
    return { scores, shares, dims: four(student.dims) };
  };
  return attentionDivergence(map('s'), map('t'))(emit);
}

/** The student's vectors as keys stand at a product, scaled and in two copies; the teacher's as they are. */
function relationLoss(emit: Emitter, { student, teacher, mask }: GoldenLoss): WrittenLoss {
  const [batch, heads, tokens, size] = student.dims;
  const doubled = emit.expand(emit.reshape('s', [batch, heads, 1, tokens, size]), [
    ...[batch, heads, 2, tokens, size],
  ]);
  const flat = emit.reshape(doubled, [batch, 2 * heads, tokens, size]);
  const value = emit.transposeLast(emit.scale(flat, 0.5));
  const own: HeadVectors = {
    ...{ value, dims: [batch, 2 * heads, tokens, size] },
    ...{ turned: true, copies: 2, factor: 0.5 },
  };
  const guide = { value: 't', dims: four(teacher.dims), turned: false, copies: 1, factor: 1 };
  const seen = { scores: 'mask', shares: 'mask', dims: four(mask?.dims ?? []) };
  return relationDivergence(own, guide, seen)(emit);
}

function hiddenLoss(emit: Emitter, { name }: GoldenLoss): WrittenLoss {
  const distance = name === 'mse' ? meanSquaredError : cosineDistance;
  return distance(emit.matmul('s', 'projection'), 't')(emit);
}

const LOSSES = { attention: attentionLoss, relations: relationLoss, hidden: hiddenLoss } as const;

const valueOf = ({ dims, values }: GoldenLoss['student']): F64Value => f64(dims, values);

/** Runs a loss and its gradient by the student on given numbers. */
function prepared(golden: GoldenLoss) {
  const { student, teacher, mask, projection } = golden;
  const given = {
    s: student,
    t: teacher,
    ...(mask && { mask }),
    ...(projection && { projection }),
  };
  const types = new Map(
    Object.entries(given).map(([name, { dims }]) => [name, { dataType: DataType.float32, dims }]),
  );
  const emit = new Emitter({ type: (v) => types.get(v), constant: () => undefined }, 'x/');
  const { value, seeds } = LOSSES[golden.kind](emit, golden);
  const graph = makeGraph({ nodes: [...emit.nodes], outputs: [] });
  const start = seeds ?? new Map([[value, emit.scalar(1)]]);
  const gradient = differentiate(graph, start, ['s'], emit).gradients.get('s') ?? '';
  const info = (name: string, dims: readonly number[] = []) =>
    makeValueInfo(name, DataType.float32, dims);
  const model = makeModel(
    makeGraph({
      nodes: emit.nodes,
      initializers: emit.initializers,
      inputs: [...types].map(([name, { dims }]) => info(name, dims)),
      outputs: [info(value), info(gradient, student.dims)],
    }),
    { '': 18 },
  );
  const fixed = Object.fromEntries(
    Object.entries(given).map(([name, tensor]) => [name, valueOf(tensor)]),
  );
  return (s: F64Value, t = fixed['t']) => {
    const values = interpret(model, { ...fixed, s, t });
    return { loss: values.get(value)?.data[0] ?? NaN, gradient: values.get(gradient)?.data ?? [] };
  };
}

/** Constants of the graph, such as 1/√d, are float32. */
const ROUNDING = 2 ** -23;

describe.each(goldenLosses.map((golden) => [`${golden.kind}, ${golden.name}`, golden] as const))(
  '%s',
  (_, golden) => {
    const run = prepared(golden);
    const student = valueOf(golden.student);

    it('has the value and the gradient that PyTorch finds', () => {
      const { loss, gradient } = run(student);
      expect(Math.abs(loss - golden.loss)).toBeLessThan(golden.loss * ROUNDING);
      const largest = Math.max(...golden.gradient.values.map(Math.abs));
      golden.gradient.values.forEach((expected, i) => {
        expect(Math.abs(gradient[i] - expected)).toBeLessThan(10 * ROUNDING * largest);
      });
    });

    it('has the gradient that central differences find', () => {
      const { gradient } = run(student);
      const h = 1e-5;
      const moved = (i: number, by: number) =>
        f64(
          student.dims,
          student.data.map((value, k) => value + (k === i ? by : 0)),
        );
      for (let i = 0; i < student.data.length; i += 3) {
        const slope = (run(moved(i, h)).loss - run(moved(i, -h)).loss) / (2 * h);
        expect(Math.abs(gradient[i] - slope)).toBeLessThan(2e-7);
      }
    });
  },
);

describe('a student that is its teacher', () => {
  const same = goldenLosses.filter(
    ({ kind, name }) => kind === 'attention' || name === 'padded, as many heads',
  );
  it.each(same.map((golden) => [`${golden.kind}, ${golden.name}`, golden] as const))(
    'has loss 0 and gradient 0: %s',
    (_, golden) => {
      const equal = { ...golden, teacher: golden.student };
      const { loss, gradient } = prepared(equal)(valueOf(golden.student));
      expect(Math.abs(loss)).toBeLessThan(1e-12);
      for (const value of gradient) expect(Math.abs(value)).toBeLessThan(1e-12);
    },
  );
});

describe('what a token may not see', () => {
  const cases = goldenLosses.filter(({ name }) => name !== 'causal, fewer and smaller heads');
  it.each(
    cases.filter(({ mask }) => mask).map((golden) => [golden.kind, golden.name, golden] as const),
  )('has no part in the loss: %s, %s', (kind, name, golden) => {
    const { gradient } = prepared(golden)(valueOf(golden.student));
    const [tokens, size] = golden.student.dims.slice(-2);
    const unseen = [...gradient].filter((_, i) => {
      const [row, column] = [Math.floor(i / size) % tokens, i % size];
      if (name === 'causal') return column > row;
      // The second sequence ends in two tokens of padding.
      const padding = row >= 3 || (kind === 'attention' && column >= 3);
      return padding && i >= gradient.length / 2;
    });
    expect(unseen.length).toBeGreaterThan(10);
    expect(unseen.every((value) => value === 0)).toBe(true);
  });
});
