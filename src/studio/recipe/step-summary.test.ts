import { describe, expect, it } from 'vitest';
import { allMetas } from '../../core/methods/catalog.ts';
import type { NamedParts } from '../../core/methods/part-cut.ts';
import { optionsForm } from '../../core/methods/options-form.ts';
import { stepSummary, targetFact } from './step-summary.ts';

const fields = [
  {
    name: 'bits',
    kind: 'choice',
    title: 'Bits',
    unit: 'bits',
    choices: [8, 4, 'auto'],
    default: 4,
  },
  { name: 'block', kind: 'choice', title: 'Block size', choices: [32, 'channel'], default: 32 },
  { name: 'symmetric', kind: 'boolean', title: 'Symmetric', default: true },
  { name: 'damping', kind: 'number', title: 'Damping', default: 0.01, advanced: true },
  {
    name: 'budget',
    kind: 'integer',
    title: 'Budget',
    unit: 'bytes',
    when: { option: 'bits', in: ['auto'] },
  },
].map((field) => ({ help: '', advanced: false, ...field })) as ReturnType<typeof optionsForm>;

const summary = (
  options: Record<string, unknown>,
  target: Parameters<typeof targetFact>[0] = 'all',
) => stepSummary({ fields }, { options, target });

describe('stepSummary', () => {
  it('says the first settings, what is not as usual, and what is left out', () => {
    expect(summary({})).toBe('4 bits · block 32');
    expect(summary({ bits: 8, block: 'channel', symmetric: false, damping: 0.01 })).toBe(
      '8 bits · block channel · not symmetric',
    );
    expect(summary({ damping: 0.1 }, { all: true, except: ['embedding'] })).toBe(
      '4 bits · block 32 · damping 0.1 · all but embedding',
    );
    expect(summary({ bits: 'auto', budget: 250_000 })).toBe('bits auto · block 32');
  });

  it('says which parts go, where they are named', () => {
    const card = (part: 'blocks' | 'heads') => {
      const meta = allMetas().find(({ cuts }) => cuts?.part === part);
      if (meta?.cuts === undefined) throw new Error(`nothing cuts ${part}`);
      return { ...meta, cuts: meta.cuts, fields: optionsForm(meta) };
    };
    const said = (part: 'blocks' | 'heads', parts: Partial<NamedParts>) => {
      const found = card(part);
      const named = { stack: 'decoder' as const, blocks: [], heads: {}, ...parts };
      return stepSummary(found, { options: found.cuts.naming(named), target: 'all' });
    };
    expect(said('blocks', { blocks: [2] })).toBe('without block 2');
    expect(said('heads', { heads: { a: [0, 1], b: [3] } })).toBe('without 3 heads of 2 attentions');
  });

  it('has a word for every method as it is added', () => {
    for (const meta of allMetas()) {
      const words = stepSummary({ fields: optionsForm(meta) }, { options: {}, target: 'all' });
      expect(words).not.toMatch(/undefined|NaN|\[|\{/);
    }
  });
});

it('names targets in a few words', () => {
  expect(targetFact('attention')).toBe('attention');
  expect(targetFact({ blocks: [4, 1, 2, 3] })).toBe('blocks 1–4');
  expect(targetFact({ role: 'attention', blocks: [0] })).toBe('attention, block 0');
  expect(targetFact({ tensors: ['a', 'b'] })).toBe('2 layers');
  expect(targetFact({ role: 'feed-forward', except: [{ tensors: ['a'] }] })).toBe(
    'feed-forward but 1 layer',
  );
});
