import { expect, it } from 'vitest';
import { shortNames } from './short-names.ts';

const blocks = [0, 1].map((block) =>
  ['self_attn.q_proj', 'self_attn.o_proj', 'mlp.up_proj'].map(
    (part) => `model.layers.${block}.${part}.weight`,
  ),
);

it('leaves out what a name shares with its block, and the ending most names have', () => {
  const short = shortNames([['model.embed_tokens.weight'], ...blocks, ['lm_head.weight']]);
  expect([...short.values()]).toEqual([
    'embed_tokens',
    'self_attn.q_proj',
    'self_attn.o_proj',
    'mlp.up_proj',
    'self_attn.q_proj',
    'self_attn.o_proj',
    'mlp.up_proj',
    'lm_head',
  ]);
});

it('keeps the number of the block in one list of all', () => {
  const short = shortNames([blocks.flat()]);
  expect(short.get('model.layers.1.mlp.up_proj.weight')).toBe('1.mlp.up_proj');
});

it('leaves names alone that share nothing, and never makes two the same', () => {
  expect([...shortNames([['onnx::MatMul_12', 'onnx::MatMul_13']]).values()]).toEqual([
    'onnx::MatMul_12',
    'onnx::MatMul_13',
  ]);
  const names = ['/a/b/MatMul', '/a/b.MatMul'];
  expect([...shortNames([names]).values()]).toEqual(names);
  expect(shortNames([[]]).size).toBe(0);
});
