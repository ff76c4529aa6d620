import { describe, expect, it } from 'vitest';
import { EXPERTS, mixtureFixtures } from '../../../test/fixtures/layouts/llama.ts';
import { Sketch } from '../../../test/fixtures/layouts/sketch.ts';
import type { Model } from '../onnx/types.ts';
import { selectLayers } from '../recipe/targets.ts';
import { recognise } from './recognise.ts';

describe('mixtures of experts', () => {
  it.each(mixtureFixtures)('says of each block of $name how many there are', ({ model }) => {
    const { blocks } = recognise(model());
    expect(blocks.map(({ experts, topK }) => ({ experts, topK }))).toEqual(
      blocks.map(() => EXPERTS),
    );
  });

  it('lets a recipe point at the experts, and leaves the router out of them', () => {
    const anatomy = recognise(mixtureFixtures[0].model());
    const targets = selectLayers(anatomy, 'feed-forward');
    expect(targets).toHaveLength(3 * EXPERTS.experts * anatomy.blocks.length);
    expect(targets.some(({ role }) => role === 'router')).toBe(false);
    expect(anatomy.notes).toEqual([]);
  });

  it('knows onnxruntime’s operator for a whole mixture, whose weights it only names', () => {
    const anatomy = recognise(withOperator());
    expect(anatomy.blocks).toMatchObject([
      { experts: 4, topK: 2 },
      { experts: 4, topK: 2 },
    ]);
    expect(anatomy.layers.filter(({ role }) => role === 'router')).toHaveLength(2);
    expect(anatomy.notes).toEqual(['Weights inside MoE (2×) are not listed as layers.']);
  });

  it('takes a choice among scores that no expert follows for none', () => {
    const s = new Sketch(17);
    const x = s.g.input('x', 'float32', ['n', 8]);
    const up = s.op('Relu', [s.product(x, 'up', 8, 16, 'matmul')]);
    const y = s.op('Add', [x, s.product(up, 'down', 16, 8, 'matmul')]);
    const scores = s.product(y, 'head', 8, 5, 'matmul');
    const [best] = s.g.ops('TopK', [scores, s.c.integers(2)], 2, { axis: -1 });
    s.g.output(best, 'float32', ['n', 2], 'best');
    expect(recognise(s.finish()).layers.map(({ role }) => role)).not.toContain('router');
  });
});

/** Two blocks of attention and a MoE operator of 4 experts, top 2. */
function withOperator(): Model {
  const s = new Sketch(17);
  const size = 16;
  let x = s.op('Gather', [
    s.weight('words', [30, size]),
    s.g.input('ids', 'int64', ['batch', 'sequence']),
  ]);
  for (const name of ['a', 'b']) {
    const h = s.rmsNormPrimitives(x, `${name}.norm1`, size);
    const [q, k, v] = ['q', 'k', 'v'].map((part) =>
      s.splitHeads(s.product(h, `${name}.${part}`, size, size, 'matmul'), 2, 8),
    );
    const context = s.joinHeads(s.attend(q, k, v, 8), 2, 8);
    x = s.op('Add', [x, s.product(context, `${name}.o`, size, size, 'matmul')]);
    const g = s.rmsNormPrimitives(x, `${name}.norm2`, size);
    const flat = s.reshape(g, -1, size);
    const scores = s.product(flat, `${name}.router`, size, 4, 'matmul');
    const weights = [
      s.weight(`${name}.up`, [4, 32, size]),
      '',
      s.weight(`${name}.down`, [4, size, 32]),
    ];
    const mixed = s.fused('MoE', [flat, scores, ...weights], { k: 2 });
    x = s.op('Add', [x, s.op('Reshape', [mixed, s.op('Shape', [g])])]);
  }
  s.g.output(x, 'float32', ['batch', 'sequence', size], 'hidden');
  return s.finish();
}
