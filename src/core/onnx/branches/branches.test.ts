import { describe, expect, it } from 'vitest';
import {
  cachedFeeds,
  decoderPair,
  mergedDecoder,
  startFeeds,
  type MergedOptions,
} from '../../../../test/support/merged-decoder.ts';
import { distance, runModel } from '../../../../test/support/run-model.ts';
import { editGraph } from '../graph/edit.ts';
import { readModel } from '../read.ts';
import { bytesSource } from '../source.ts';
import type { Model } from '../types.ts';
import { validateModel } from '../validate.ts';
import { encodedLength, writeModel } from '../write.ts';
import { foldBranches } from './fold.ts';
import { hasBranches, takeBranch } from './take-branch.ts';
import { unfoldBranches } from './unfold.ts';

const IDS = [3, 17, 5, 30, 8];

/** The model as it comes out of its file. */
async function fileOf(model: Model): Promise<{ bytes: Uint8Array; read: Model }> {
  const bytes = await writeModel(model);
  return { bytes, read: await readModel(bytesSource(bytes)) };
}

/** `toEqual` takes seconds over a file. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** Both branches of a model: a text that starts, and its next token. */
async function bothBranches(model: Model) {
  const start = await runModel(model, startFeeds(IDS));
  const next = await runModel(model, cachedFeeds([21], start));
  return { start, next };
}

async function expectSame(model: Model, wanted: Model) {
  const [a, b] = [await bothBranches(model), await bothBranches(wanted)];
  for (const run of ['start', 'next'] as const) {
    for (const [name, value] of b[run]) expect(distance(a[run].get(name), value), name).toBe(0);
  }
}

const KINDS: readonly (MergedOptions & { readonly kind: string })[] = [
  { kind: 'weights outside', weights: 'outside' },
  { kind: 'weights outside, names apart', weights: 'outside', apart: true },
  { kind: 'equal weights inside', weights: 'inside' },
  { kind: 'equal weights inside, names apart', weights: 'inside', apart: true },
  { kind: 'differing weights inside', weights: 'inside', differing: true },
  { kind: 'differing weights outside', weights: 'outside', differing: true, apart: true },
];

describe.each(KINDS)('a merged decoder, $kind', (options) => {
  it('is written byte for byte as it was when no edit reached it', async () => {
    const { bytes, read } = await fileOf(mergedDecoder(options));
    const unfolded = await unfoldBranches(read);
    expect(unfolded).not.toBe(read);
    expect(sameBytes(await writeModel(unfolded), bytes)).toBe(true);
    expect(encodedLength(unfolded)).toBe(bytes.byteLength);
  });

  it('has all nodes of both branches in one valid graph', async () => {
    const { read } = await fileOf(mergedDecoder(options));
    const unfolded = await unfoldBranches(read);
    const [first, cached] = decoderPair();
    const inside = first.graph.nodes.length + cached.graph.nodes.length;
    expect(unfolded.graph.nodes).toHaveLength(inside + 1);
    expect(() => validateModel(unfolded)).not.toThrow();
    expect(unfolded.graph.inputs).toBe(read.graph.inputs);
    expect(unfolded.graph.outputs).toBe(read.graph.outputs);
  });

  it('computes the same after an edit, in both branches', async () => {
    const { read } = await fileOf(mergedDecoder(options));
    const unfolded = await unfoldBranches(read);
    const edited = { ...unfolded, graph: { ...unfolded.graph } };
    await expectSame(edited, read);
    const again = await unfoldBranches((await fileOf(edited)).read);
    expect(again.graph.nodes.map(({ outputs }) => outputs).sort()).toEqual(
      unfolded.graph.nodes.map(({ outputs }) => outputs).sort(),
    );
  });

  it('is each of its branches when one is taken', async () => {
    const { read } = await fileOf(mergedDecoder(options));
    const unfolded = await unfoldBranches(read);
    const wanted = await bothBranches(read);
    const main = takeBranch(unfolded);
    expect(main.graph.inputs.map(({ name }) => name)).toEqual(['input_ids']);
    expect(hasBranches(main)).toBe(false);
    const start = await runModel(main, startFeeds(IDS));
    const next = await runModel(takeBranch(unfolded, 'cached'), cachedFeeds([21], start));
    for (const [name, value] of wanted.start) expect(distance(start.get(name), value)).toBe(0);
    for (const [name, value] of wanted.next) expect(distance(next.get(name), value)).toBe(0);
    expect(takeBranch(unfolded).graph).toBe(main.graph);
  });
});

describe('weights of the branches', () => {
  const namesOf = async (options: MergedOptions) =>
    (await unfoldBranches(mergedDecoder(options))).graph.initializers.map(({ name }) => name);

  it('become one set where they are equal', async () => {
    const inside = await namesOf({ weights: 'inside' });
    const weights = inside.filter((name) => /weight|bias/.test(name));
    const [first] = decoderPair();
    const wanted = first.graph.initializers.filter(({ name }) => /weight|bias/.test(name));
    expect(weights).toEqual(wanted.map(({ name }) => name));
  });

  it('stay apart where they differ', async () => {
    const fc = /h\.0\.mlp\.c_fc\.weight$/;
    const differing = await namesOf({ weights: 'inside', differing: true });
    expect(differing.filter((name) => fc.test(name))).toEqual([
      'transformer.h.0.mlp.c_fc.weight',
      'then/transformer.h.0.mlp.c_fc.weight',
    ]);
  });

  it('of one branch stay two, however equal they are', async () => {
    const ones = (await unfoldBranches(mergedDecoder({ weights: 'inside' }))).graph.initializers;
    const scales = ones.filter(({ name }) => /ln_\d\.weight$/.test(name));
    expect(scales).toHaveLength(6);
  });
});

describe('folding', () => {
  const apart = { weights: 'outside', apart: true } as const;

  it('puts back exactly what unfolding took out', async () => {
    const { bytes, read } = await fileOf(mergedDecoder(apart));
    const unfolded = await unfoldBranches(read);
    // Another object for the same graph: nothing is remembered of it.
    const folded = foldBranches({ ...unfolded, graph: { ...unfolded.graph } });
    expect(folded.graph.nodes).toHaveLength(1);
    expect(sameBytes(await writeModel(folded), bytes)).toBe(true);
  });

  it('leaves outside what is asked for beside the branches, and what comes from weights alone', async () => {
    const unfolded = await unfoldBranches(mergedDecoder(apart));
    const [embedded] = unfolded.graph.nodes.filter(({ opType }) => opType === 'Gather');
    const edit = editGraph(unfolded.graph);
    const weight = 'transformer.h.0.mlp.c_fc.weight';
    const copy = edit.freshName('copy');
    const [gemm] = unfolded.graph.nodes.filter(({ inputs }) => inputs.includes(weight));
    const inputs = gemm.inputs.map((value) => (value === weight ? copy : value));
    edit.replaceNode(gemm, { ...gemm, inputs });
    edit.addNodes({
      ...embedded,
      name: '',
      opType: 'Identity',
      inputs: [weight],
      outputs: [copy],
      attributes: [],
    });
    const edited = edit.finish();
    const outputs = [...edited.outputs, { name: embedded.outputs[0] }];
    const model = { ...unfolded, graph: { ...edited, outputs } };
    const outside = foldBranches(model).graph.nodes.map(({ opType }) => opType);
    expect(outside).toContain('Gather');
    expect(outside).toContain('Identity');
    expect(outside).toContain('If');
    const [found, wanted] = [await bothBranchesBeside(model), await bothBranches(unfolded)];
    expect(distance(found.get('logits'), wanted.start.get('logits'))).toBe(0);
    expect(found.get(embedded.outputs[0])?.dims).toEqual([1, IDS.length, 16]);
  });

  function bothBranchesBeside(model: Model) {
    return runModel(model, startFeeds(IDS));
  }

  it('copies a value that a body hands on but does not make', async () => {
    const unfolded = await unfoldBranches(mergedDecoder(apart));
    const edit = editGraph(unfolded.graph);
    // Both branches hand on the keys that the first one makes.
    const others = unfolded.graph.nodes.filter(({ opType }) => opType !== 'If');
    edit.replaceUses('then/present.0.key', 'else/present.0.key', others);
    const { start, next } = await bothBranches({ ...unfolded, graph: edit.finish() });
    const wanted = await bothBranches(unfolded);
    expect(distance(start.get('logits'), wanted.start.get('logits'))).toBe(0);
    expect(next.get('present.0.key')?.dims).toEqual([1, 4, 1, 4]);
  });
});

describe('other Ifs', () => {
  it('are left as they are: a condition that is computed, branches that both read the cache', async () => {
    const merged = mergedDecoder({ weights: 'outside' });
    const [node] = merged.graph.nodes;
    const computed = {
      ...merged.graph,
      nodes: [
        {
          ...node,
          name: 'not',
          opType: 'Not',
          inputs: ['use_cache_branch'],
          outputs: ['start'],
          attributes: [],
        },
        { ...node, inputs: ['start'] },
      ],
    };
    const model = { ...merged, graph: computed };
    expect(await unfoldBranches(model)).toBe(model);
    const [otherwise] = node.attributes.filter(({ name }) => name === 'then_branch');
    const same = node.attributes.map((attribute) =>
      attribute.name === 'else_branch' ? { ...otherwise, name: 'else_branch' } : attribute,
    );
    const equal = { ...merged, graph: { ...merged.graph, nodes: [{ ...node, attributes: same }] } };
    expect(await unfoldBranches(equal)).toBe(equal);
    expect(foldBranches(equal)).toBe(equal);
    expect(takeBranch(equal)).toBe(equal);
  });

  it('are left as they are in a model of IR version 3, whose weights are inputs', async () => {
    const old = { ...mergedDecoder({ weights: 'outside' }), irVersion: 3 };
    expect(await unfoldBranches(old)).toBe(old);
  });
});
