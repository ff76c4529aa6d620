import { describe, expect, it } from 'vitest';
import { selectLayers } from '../../core/recipe/targets.ts';
import type { Recipe, Target } from '../../core/recipe/types.ts';
import { fakeView } from '../testing/fake-model.ts';
import { compressCommand } from './command.ts';
import {
  except,
  exceptedNames,
  include,
  otherExceptions,
  targetKind,
  withBlocks,
  withKind,
  withoutException,
} from './target.ts';

const { anatomy } = fakeView({ name: 'stories', origin: 'file', files: [] });
const embedding = 'model.embed_tokens.weight';

describe('targets', () => {
  const all: Target[] = [
    'all',
    'attention',
    { role: 'feed-forward' },
    { blocks: [1] },
    { tensors: ['/q_proj/'] },
  ];

  it('excepting a layer takes away that layer alone, and including it gives the same document back', () => {
    for (const target of all) {
      const layers = selectLayers(anatomy, target);
      const without = except(target, layers[0].name);
      expect(selectLayers(anatomy, without)).toEqual(layers.slice(1));
      expect(exceptedNames(without)).toEqual([layers[0].name]);
      expect(selectLayers(anatomy, include(without, layers[0].name))).toEqual(layers);
      expect(targetKind(without)).toBe(targetKind(target));
    }
  });

  it('keeps exceptions of other kinds when names come and go', () => {
    const target: Target = { all: true, except: ['embedding'] };
    const named = except(target, 'lm_head.weight');
    expect(named).toEqual({ all: true, except: ['embedding', { tensors: ['lm_head.weight'] }] });
    expect(include(named, 'lm_head.weight')).toEqual(target);
    expect(otherExceptions(named)).toEqual(['embedding']);
    expect(withoutException(target, 'embedding')).toBe('all');
  });

  it('keeps what is excepted when the choice changes', () => {
    expect(withKind(except('all', embedding), 'attention')).toEqual({
      role: 'attention',
      except: [{ tensors: [embedding] }],
    });
    expect(withBlocks('all', [3, 1])).toEqual({ blocks: [1, 3] });
  });
});

const recipe = (bits: number): Recipe => ({
  version: 1,
  name: `q${bits}`,
  seed: 0,
  steps: [
    { method: 'gptq', target: 'all', options: { bits, blockSize: 32 } },
    { method: 'magnitude', target: 'attention', options: { sparsity: 0.5 } },
  ],
});

it('writes a command that a shell takes literally', () => {
  const command = compressCommand(
    recipe(4),
    { origin: 'file', name: "it's mine" },
    'model_q4.onnx',
  );
  expect(command).toContain(`npx lathe compress 'it'\\''s mine.onnx' --recipe recipe.json`);
  expect(
    compressCommand(recipe(4), { origin: 'sample:stories', name: 's' }, 'model_q4.onnx'),
  ).toContain(
    'npx lathe compress sample:stories --recipe recipe.json --out model_q4.onnx --eval sample:stories',
  );
});

it('writes a command for the parts of a folder that a run works on', () => {
  const command = (...parts: string[]) =>
    compressCommand(recipe(4), { origin: 'file', name: 't5', parts }, 'model_q4.onnx');
  expect(command('onnx/a.onnx', 'onnx/b.onnx')).toContain(
    'npx lathe compress t5 --part onnx/a.onnx,onnx/b.onnx --recipe recipe.json --out model_q4 ',
  );
  expect(command('onnx/a.onnx')).toContain(
    'npx lathe compress t5 --part onnx/a.onnx --recipe recipe.json --out model_q4.onnx ',
  );
});
