import { expect, it } from 'vitest';
import type { EditableStep } from '../state/recipe-store.ts';
import { mendLabel, obstacleOf } from './obstacle.ts';

const step = (key: string, disabled = false): EditableStep => ({
  key,
  method: key,
  target: 'all',
  options: {},
  ...(disabled && { disabled }),
});
const bench = (steps: readonly EditableStep[]) => ({
  steps,
  names: steps.map(({ method }) => ({ title: method.toUpperCase(), options: {} })),
  problems: [],
  cardOf: () => undefined,
});

it('an empty recipe and one that is switched off only wait', () => {
  expect(obstacleOf(bench([]))).toEqual({
    sentence: 'Add a step first: an empty recipe changes nothing.',
    more: 0,
    calm: true,
  });
  const off = obstacleOf(bench([step('a', true), step('b', true)]));
  expect(off).toMatchObject({ key: 'a', mend: { kind: 'enable', key: 'a' }, calm: true });
});

it('the first problem is told with its step and its mend, the others are counted', () => {
  const problems = [
    { path: 'steps[1]', message: 'steps[1]: too late.', before: 0 },
    { path: 'steps', message: 'nothing changes.' },
  ];
  const obstacle = obstacleOf({ ...bench([step('a'), step('b')]), problems });
  expect(obstacle).toEqual({
    sentence: 'Step 2, B, must come before step 1 (A).',
    key: 'b',
    mend: { kind: 'move', key: 'b', by: -1 },
    more: 1,
  });
  expect(obstacle?.mend && mendLabel(obstacle.mend)).toBe('Move it');
  expect(obstacleOf(bench([step('a')]))).toBeUndefined();
});

it('names what a mend does', () => {
  const set = { kind: 'set', key: 'a', option: 'bits', title: 'Bits', value: 8 } as const;
  expect(mendLabel(set)).toBe('Set Bits to 8');
  expect(mendLabel({ kind: 'drop', key: 'a', option: 'bitz' })).toBe('Drop bitz');
});
