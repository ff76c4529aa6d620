/** Against the equations of the paper, element by element in float64: the rounding has no slope to compare with. */
import { describe, expect, it } from 'vitest';
import { interpret } from '../../../test/support/interpret/interpret.ts';
import { f64 } from '../../../test/support/interpret/value.ts';
import { numbers } from '../../../test/support/gradient.ts';
import { differentiate } from '../autodiff/differentiate.ts';
import { Emitter } from '../autodiff/emitter.ts';
import { makeGraph, makeModel, makeValueInfo } from '../onnx/graph/make.ts';
import { DataType } from '../tensor/data-type.ts';
import { fakeQuantized, type CodeGroups } from './fake-quantization.ts';

const FLOAT = DataType.float32;

interface Case extends CodeGroups {
  readonly name: string;
  /** One zero for all, or one per group. */
  readonly zero: 'scalar' | 'groups';
}

const CASES: readonly Case[] = [
  { bits: 2, low: 0, high: 3 },
  { bits: 2, low: 1, high: 3 },
  { bits: 3, low: 0, high: 7 },
  { bits: 4, low: 0, high: 15 },
  { bits: 8, low: 0, high: 255 },
].flatMap(({ bits, low, high }) =>
  [8, 5, 16].flatMap((groupSize) =>
    (['scalar', 'groups'] as const).map((zero) => ({
      ...{ rows: 3, columns: 16, groupSize, low, high, zero },
      name: `${bits} bits from ${low}, ${groupSize} of 16 columns, zeros by ${zero}`,
    })),
  ),
);

/** W, s, z and ∂L/∂Ŵ. About a third of the weights lie beyond the ends. */
function given({ rows, columns, groupSize, low, high, zero }: Case) {
  const groups = rows * Math.ceil(columns / groupSize);
  const middle = Math.floor((low + high + 1) / 2);
  return {
    w: numbers(rows * columns, 1, -1.5, 1.5),
    // A step of either sign: a symmetric grid may lie the other way round.
    s: numbers(groups, 2, 0.8, 1.2).map((s, g) => ((g % 2 === 0 ? 1 : -1) * 2 * s) / (high - low)),
    z: zero === 'scalar' ? [middle] : numbers(groups, 3, low, high),
    upstream: numbers(rows * columns, 4),
  };
}

function graphed(test: Case) {
  const { rows, columns, groupSize, zero } = test;
  const { w, s, z, upstream } = given(test);
  const groups = rows * Math.ceil(columns / groupSize);
  const dims = { w: [rows, columns], s: [groups], z: zero === 'scalar' ? [] : [groups] };
  const all = { ...dims, upstream: [rows, columns] };
  const types = new Map(
    Object.entries(all).map(([name, d]) => [name, { dataType: FLOAT, dims: d }]),
  );
  const emit = new Emitter({ type: (v) => types.get(v), constant: () => undefined }, 'x/');
  const value = fakeQuantized(emit, { w: 'w', s: 's', z: 'z' }, test);
  const graph = makeGraph({ nodes: [...emit.nodes], outputs: [] });
  const wanted = ['w', 's', 'z'];
  const { gradients } = differentiate(graph, new Map([[value, 'upstream']]), wanted, emit);
  const outputs = [value, ...wanted.map((name) => gradients.get(name) ?? '')];
  const model = makeModel(
    makeGraph({
      ...{ nodes: emit.nodes, initializers: emit.initializers },
      inputs: [...types].map(([name, type]) => makeValueInfo(name, FLOAT, type.dims)),
      outputs: outputs.map((name) => makeValueInfo(name, FLOAT)),
    }),
    { '': 18 },
  );
  const feeds = {
    ...{ w: f64(all.w, w), s: f64(all.s, s) },
    ...{ z: f64(all.z, z), upstream: f64(all.upstream, upstream) },
  };
  const made = interpret(model, feeds);
  return outputs.map((name) => [...(made.get(name)?.data ?? [])]);
}

/** Esser et al., equations 1 to 3, with the zero as a further parameter. */
function expected(test: Case) {
  const { columns, groupSize, low, high, zero } = test;
  const { w, s, z, upstream } = given(test);
  const [value, dw] = [w.map(() => 0), w.map(() => 0)];
  const [ds, dz] = [s.map(() => 0), z.map(() => 0)];
  w.forEach((weight, i) => {
    const column = i % columns;
    const row = (i - column) / columns;
    const g = row * Math.ceil(columns / groupSize) + Math.floor(column / groupSize);
    const at = zero === 'scalar' ? 0 : g;
    const v = weight / s[g] + z[at];
    const end = v < low ? low : v > high ? high : undefined;
    const code = end ?? Math.round(v);
    value[i] = s[g] * (code - z[at]);
    dw[i] = end === undefined ? upstream[i] : 0;
    ds[g] += upstream[i] * (end === undefined ? code - v : end - z[at]);
    dz[at] += end === undefined ? 0 : -s[g] * upstream[i];
  });
  return [value, dw, ds, dz];
}

describe('fake quantization', () => {
  it.each(CASES.map((test) => [test.name, test] as const))('%s', (_, test) => {
    const [found, hoped] = [graphed(test), expected(test)];
    hoped.forEach((numbers, part) => {
      expect(found[part]).toHaveLength(numbers.length);
      numbers.forEach((number, i) => expect(found[part][i]).toBeCloseTo(number, 10));
    });
    // Some weights were clipped, or the ends would not have been tried.
    expect(hoped[1]).toContain(0);
  });
});
