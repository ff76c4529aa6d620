import { describe, expect, it } from 'vitest';
import { firstStep } from '../../../../../test/support/methods.ts';
import { recognise } from '../../../anatomy/recognise.ts';
import { GraphBuilder } from '../../../onnx/build/graph-builder.ts';
import type { Model } from '../../../onnx/types.ts';
import { randomFloats, transposed } from '../../../../../test/fixtures/methods/models.ts';
import { bytesOfModel, runModel } from '../../../../../test/fixtures/methods/run.ts';
import { deduplicate } from './deduplicate.ts';
import { meta } from './meta.ts';

const [VOCABULARY, WIDTH] = [20, 16];
const feeds = { ids: { dims: [1, 3], data: BigInt64Array.of(4n, 19n, 0n) } };

/** An embedding, two equal layers with equal biases, and a head that is the embedding turned. */
function copies({ gemm = false, change = 0 } = {}): Model {
  const g = new GraphBuilder('copies');
  const table = randomFloats(VOCABULARY * WIDTH, 2);
  const square = randomFloats(WIDTH * WIDTH, 3);
  const turned = transposed(table, VOCABULARY, WIDTH);
  turned[5] += change;
  const x = g.input('ids', 'int64', [1, 3]);
  let y = g.op('Gather', [g.floats('embed', [VOCABULARY, WIDTH], table), x], { axis: 0 });
  for (const i of [0, 1]) {
    const w = g.floats(`w${i}`, [WIDTH, WIDTH], square.slice());
    const b = g.floats(`b${i}`, [WIDTH], randomFloats(WIDTH, 4));
    y = g.op('Tanh', [g.op('Add', [g.op('MatMul', [y, w]), b])]);
  }
  const head = g.floats('head', [WIDTH, VOCABULARY], turned);
  if (gemm) y = g.op('Reshape', [y, g.integers('flat', [3, WIDTH])]);
  const logits = gemm ? g.op('Gemm', [y, head], { transB: 0 }) : g.op('MatMul', [y, head]);
  g.output(logits, 'float32', gemm ? [3, VOCABULARY] : [1, 3, VOCABULARY], 'logits');
  return g.finish();
}

async function run(model: Model, options: unknown = {}, names?: readonly string[]) {
  const anatomy = recognise(model);
  const targets = anatomy.layers.filter(({ weight }) => names?.includes(weight) ?? true);
  const parsed = meta.options.parse(options);
  const ground = { model, anatomy, original: model };
  return deduplicate.plan(ground, targets, parsed, firstStep);
}

/** Initializers that are not there any more. */
function goneFrom(before: Model, after: Model): string[] {
  const left = new Set(after.graph.initializers.map(({ name }) => name));
  const names = before.graph.initializers.map(({ name }) => name);
  return names.filter((name) => !left.has(name)).sort();
}

describe('de-duplicate', () => {
  it.each([false, true])(
    'stores each weight once and computes the same (Gemm head: %s)',
    async (gemm) => {
      const model = copies({ gemm });
      const outcome = await run(model);
      expect(goneFrom(model, outcome.model)).toEqual(['b1', 'head', 'w1']);
      expect(outcome.skipped).toEqual([]);
      const names = outcome.model.graph.initializers.map(({ name }) => name);
      expect(names).not.toContain('head');
      const saved = 4 * (WIDTH * WIDTH + WIDTH + VOCABULARY * WIDTH);
      expect(bytesOfModel(model) - bytesOfModel(outcome.model)).toBeGreaterThan(0.95 * saved);
      expect(await runModel(outcome.model, feeds)).toEqual(await runModel(model, feeds));
      const transposes = outcome.model.graph.nodes.filter(({ opType }) => opType === 'Transpose');
      expect(transposes).toHaveLength(gemm ? 0 : 1);
    },
  );

  it('refuses to tie what differs in a single weight', async () => {
    const model = copies({ change: 1e-7 });
    const outcome = await run(model);
    expect(goneFrom(model, outcome.model)).not.toContain('head');
    expect(outcome.model.graph.initializers.map(({ name }) => name)).toContain('head');
  });

  it('leaves transposed copies, other constants and other layers alone when told so', async () => {
    const model = copies();
    const gone = async (...given: [unknown, string[]?]) =>
      goneFrom(model, (await run(model, ...given)).model);
    expect(await gone({ transposed: false })).not.toContain('head');
    expect(await gone({ constants: false })).not.toContain('b1');
    expect(await gone({ constants: false }, ['w0', 'w1'])).toEqual(['w1']);
  });

  it('returns the very same model when there is nothing to do', async () => {
    const model = copies({ change: 1 });
    const once = await run(model);
    const twice = await run(once.model);
    expect(twice.model).toBe(once.model);
    expect(goneFrom(once.model, twice.model)).toEqual([]);
  });

  it('keeps a copy that callers may replace', async () => {
    const model = copies();
    const [shape] = model.graph.inputs;
    const info = { name: 'w1', type: { dataType: 1, dims: [{ value: WIDTH }, { value: WIDTH }] } };
    const open = { ...model, graph: { ...model.graph, inputs: [shape, info] } };
    const outcome = await run(open, {}, ['w0', 'w1']);
    expect(goneFrom(open, outcome.model)).not.toContain('w1');
    expect(outcome.skipped).toContainEqual({
      name: 'w1',
      reason:
        '"w1" is also an input of the model, so a caller may put other values there; it was kept.',
    });
  });
});
