import { describe, expect, it } from 'vitest';
import type { Anatomy, Layer } from '../anatomy/types.ts';
import { selectLayers } from './targets.ts';
import type { Target } from './types.ts';

const layer = (name: string, change: Partial<Layer>): Layer => ({
  name,
  output: `${name}_out`,
  op: 'MatMul',
  weight: name,
  input: 'x',
  outFeatures: 2,
  inFeatures: 2,
  layout: 'in-out',
  role: 'other',
  group: 'other',
  ...change,
});

const anatomy: Anatomy = {
  kind: 'transformer',
  layout: 'GPT-2-like',
  blocks: [],
  notes: [],
  layers: [
    layer('wte', { op: 'Gather', role: 'embedding', group: 'embedding' }),
    layer('wpe', { op: 'Gather', role: 'position-embedding', group: 'embedding' }),
    layer('h.0.attn', { role: 'query-key-value', group: 'attention', block: 0 }),
    layer('h.0.mlp', { role: 'up', group: 'feed-forward', block: 0 }),
    layer('h.1.attn', { role: 'query-key-value', group: 'attention', block: 1 }),
    layer('h.1.mlp', { role: 'up', group: 'feed-forward', block: 1 }),
    layer('head', { role: 'output-head', group: 'output-head' }),
  ],
};

const select = (target: Target): string[] => selectLayers(anatomy, target).map(({ name }) => name);

describe('selectLayers', () => {
  it.each<[string, Target, string[]]>([
    ['all but positions', 'all', ['wte', 'h.0.attn', 'h.0.mlp', 'h.1.attn', 'h.1.mlp', 'head']],
    [
      'all products',
      { all: true, except: ['embedding'] },
      ['h.0.attn', 'h.0.mlp', 'h.1.attn', 'h.1.mlp', 'head'],
    ],
    ['a role', 'attention', ['h.0.attn', 'h.1.attn']],
    ['token embeddings', 'embedding', ['wte']],
    ['blocks', { blocks: [1] }, ['h.1.attn', 'h.1.mlp']],
    ['a role in some blocks', { role: 'feed-forward', blocks: [0] }, ['h.0.mlp']],
    ['names, positions too', { tensors: ['wpe', 'head'] }, ['wpe', 'head']],
    ['an expression', { tensors: ['/^h\\.\\d+\\.mlp$/'] }, ['h.0.mlp', 'h.1.mlp']],
    [
      'exceptions of every form',
      { all: true, except: ['embedding', { blocks: [0] }, { tensors: ['head'] }] },
      ['h.1.attn', 'h.1.mlp'],
    ],
    ['nothing', { blocks: [9] }, []],
  ])('%s', (_, target, names) => {
    expect(select(target)).toEqual(names);
  });
});
