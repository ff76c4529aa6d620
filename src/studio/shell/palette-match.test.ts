import { Plus } from 'lucide-react';
import { expect, it } from 'vitest';
import { matching, type PaletteEntry } from './palette-match.ts';

const entry = (title: string, kind?: string): PaletteEntry => ({
  id: title,
  title,
  icon: Plus,
  perform: () => undefined,
  ...(kind !== undefined && { kind }),
});

it('lists actions alone until something is typed', () => {
  const entries = [entry('Run'), entry('q_proj', 'Go to layer')];
  expect(matching(entries, ' ').map(({ title }) => title)).toEqual(['Run']);
  expect(matching(entries, 'layer q_').map(({ title }) => title)).toEqual(['q_proj']);
});

it('puts first what begins with what was typed, and never lists a thousand layers', () => {
  const entries = [entry('Show weights'), entry('Weights of a step', 'Add step')];
  expect(matching(entries, 'weights').map(({ title }) => title)).toEqual([
    'Weights of a step',
    'Show weights',
  ]);
  const layers = Array.from({ length: 1000 }, (_, i) => entry(`layer ${i}`, 'Go to layer'));
  expect(matching(layers, 'layer')).toHaveLength(60);
});
