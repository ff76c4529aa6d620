import { describe, expect, it } from 'vitest';
import { layoutFixtures } from '../../../test/fixtures/layouts/all.ts';
import { bertTwoScores } from '../../../test/fixtures/layouts/bert.ts';
import { disguise } from '../../../test/fixtures/layouts/disguise.ts';
import type { Expected } from '../../../test/fixtures/layouts/fixture.ts';
import { mixtureFixtures } from '../../../test/fixtures/layouts/llama.ts';
import { runFirstOutput } from '../../../test/fixtures/layouts/run.ts';
import type { Model } from '../onnx/types.ts';
import { recognise } from './recognise.ts';
import type { Anatomy } from './types.ts';

/** What a fixture promises, read off an anatomy. */
function summary(anatomy: Anatomy): Expected {
  const { layers, blocks } = anatomy;
  const stacks = new Map<string, Expected['stacks'][number]>();
  for (const block of blocks) {
    const inside = layers.filter((layer) => layer.block === block.index);
    const one = {
      stack: block.stack,
      blocks: 1,
      heads: block.heads ?? NaN,
      keyValueHeads: block.keyValueHeads ?? NaN,
      headSize: block.headSize ?? NaN,
      feedForwardWidth: block.feedForwardWidth ?? NaN,
      gated: block.gated === true,
      crossAttention: block.crossAttention === true,
      roles: inside.map(({ role }) => role).sort(),
    };
    const key = JSON.stringify(one);
    const known = stacks.get(key);
    stacks.set(key, known ? { ...known, blocks: known.blocks + 1 } : one);
  }
  const outside = layers.filter(({ block }) => block === undefined).map(({ role }) => role);
  return {
    anatomy: {
      layout: anatomy.layout,
      hiddenSize: anatomy.hiddenSize,
      vocabularySize: anatomy.vocabularySize,
      tiedHead: anatomy.tiedHead,
      normalization: anatomy.normalization,
      normPlacement: anatomy.normPlacement,
      positions: anatomy.positions,
    },
    stacks: [...stacks.values()],
    outside: outside.sort(),
  };
}

/** The anatomy with each thing identified by the original name of a value, in no order. */
function identity(anatomy: Anatomy, model: Model, original: (name: string) => string) {
  const outputs = new Map(anatomy.layers.map((layer) => [layer.name, original(layer.output)]));
  const layers = anatomy.layers.map((layer) => ({
    ...layer,
    name: '',
    output: original(layer.output),
    weight: original(layer.weight),
    input: original(layer.input),
    bias: layer.bias && original(layer.bias),
  }));
  const blocks = anatomy.blocks.map((block) => ({
    ...block,
    input: original(block.input),
    output: original(block.output),
    subLayers: block.subLayers.map(({ kind, input, output, bypass, added }) => ({
      kind,
      values: [input, output, bypass.value, bypass.instead, added].map(original),
    })),
    nodes: block.nodes.map((index) => original(model.graph.nodes[index].outputs[0])).sort(),
    layers: block.layers.map((name) => outputs.get(name)).sort(),
  }));
  const byOutput = layers.sort((a, b) => (a.output < b.output ? -1 : 1));
  const aside = (anatomy.aside ?? [])
    .map(({ weight, reason }) => `${original(weight)} ${reason}`)
    .sort();
  return { ...anatomy, layers: byOutput, blocks, aside, notes: anatomy.notes.length };
}

const allFixtures = [...layoutFixtures, ...bertTwoScores, ...mixtureFixtures];

describe.each(allFixtures.map((fixture) => [fixture.name, fixture] as const))(
  '%s',
  (_name, fixture) => {
    it('is recognised completely', () => {
      const anatomy = recognise(fixture.model());
      expect(anatomy.kind).toBe('transformer');
      expect(summary(anatomy)).toEqual(fixture.expected);
    });

    it('is recognised the same under other names and in another order', () => {
      const model = fixture.model();
      const plain = identity(recognise(model), model, (name) => name);
      for (const seed of ['one', 'two']) {
        const { model: other, original } = disguise(model, seed);
        expect(identity(recognise(other), other, original)).toEqual(plain);
      }
    });

    it('has blocks that follow each other and share no node', () => {
      const { blocks, layers } = recognise(fixture.model());
      const all = blocks.flatMap(({ nodes }) => nodes);
      expect(new Set(all).size).toBe(all.length);
      blocks.forEach((block, index) => {
        expect(block.index).toBe(index);
        expect(block.nodes).toEqual([...block.nodes].sort((a, b) => a - b));
        const next = blocks[index + 1];
        if (next?.stack === block.stack) expect(next.input).toBe(block.output);
        const inside = layers.filter((layer) => layer.block === index).map(({ name }) => name);
        expect(block.layers).toEqual(inside);
      });
    });
  },
);

describe('the fixtures are honest', () => {
  const runnable = [...layoutFixtures, ...mixtureFixtures];
  const outputs = new Map<string, Promise<Float32Array>>();
  const outputOf = (name: string): Promise<Float32Array> => {
    const fixture = runnable.find((candidate) => candidate.name === name);
    if (!fixture) throw new Error(`There is no fixture "${name}".`);
    const known = outputs.get(name);
    const made = known ?? runFirstOutput(fixture.model(), fixture.feeds).then(({ data }) => data);
    outputs.set(name, made);
    return made;
  };

  it.each(runnable.map(({ name, equals }) => [name, equals] as const))(
    '%s runs in onnxruntime, equal to %s',
    async (name, equals) => {
      const output = await outputOf(name);
      expect(output.every(Number.isFinite)).toBe(true);
      expect(Math.max(...output.map(Math.abs))).toBeGreaterThan(0.1);
      if (equals === undefined) return;
      const reference = await outputOf(equals);
      expect(output.length).toBe(reference.length);
      const difference = output.map((value, k) => Math.abs(value - reference[k]));
      expect(Math.max(...difference)).toBeLessThan(1e-4);
    },
  );

  it('tells the two kinds of rotary apart by their outputs', async () => {
    const halves = await outputOf('llama halves, opset 13');
    const pairs = await outputOf('llama pairs, opset 17');
    expect(Math.max(...halves.map((value, k) => Math.abs(value - pairs[k])))).toBeGreaterThan(1e-3);
  });

  it('runs the same under other names and in another order', async () => {
    const [fixture] = layoutFixtures;
    const { model, original } = disguise(fixture.model(), 'run');
    const feeds = Object.fromEntries(
      model.graph.inputs.map(({ name }) => [name, fixture.feeds[original(name)]]),
    );
    const { data } = await runFirstOutput(model, feeds);
    expect(data).toEqual(await outputOf(fixture.name));
  });
});
