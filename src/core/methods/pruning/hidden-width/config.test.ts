import { describe, expect, it } from 'vitest';
import { companionJson } from '../../../companions/files.ts';
import type { Anatomy } from '../../../anatomy/types.ts';
import { withHeads } from './config.ts';

const block = { heads: 4, headSize: 8 };
const narrow = { blocks: [block], hiddenSize: 24 } as unknown as Anatomy;
const configOf = (config: unknown, anatomy = narrow) =>
  companionJson(withHeads(new Map([['config.json', { json: config }]]), anatomy), 'config.json');

describe('config.json of a narrower stream', () => {
  it('states what a loader would derive from the width', () => {
    expect(configOf({ hidden_size: 24 })).toEqual({ hidden_size: 24, head_dim: 8 });
    expect(configOf({ n_embd: 24, n_head: 4 })).toEqual({ n_embd: 32, n_head: 4 });
    const whole = { ...narrow, hiddenSize: 32 };
    expect(configOf({ hidden_size: 32 }, whole)).toEqual({ hidden_size: 32 });
  });
});
