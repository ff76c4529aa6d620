import { describe, expect, it } from 'vitest';
import { allMetas } from '../../core/methods/catalog.ts';
import { decidedOptions, optionsForm } from '../../core/methods/options-form.ts';
import { mendOf, nearestValid } from './mend.ts';

const cards = new Map(
  allMetas().map((meta) => [meta.id, { fields: optionsForm(meta), decided: decidedOptions(meta) }]),
);
const cardOf = (method: string) => cards.get(method);
const step = (method: string, options: Record<string, unknown> = {}) => ({
  key: `${method} 1`,
  method,
  options,
});
const steps = [step('gptq', { bits: 9, damping: 5 }), step('deduplicate'), step('later')];

describe('mendOf', () => {
  it('moves a step before the one that it must come before', () => {
    const problem = { path: 'steps[1]', message: 'steps[1]: too late', before: 0 };
    expect(mendOf(problem, steps, cardOf)).toEqual({ kind: 'move', key: 'deduplicate 1', by: -1 });
  });

  it('sets an option to the nearest value that it may have', () => {
    const bits = { path: 'steps[0].options.bits', message: '' };
    expect(mendOf(bits, steps, cardOf)).toMatchObject({ kind: 'set', option: 'bits', value: 8 });
    const damping = { path: 'steps[0].options.damping', message: '' };
    expect(mendOf(damping, steps, cardOf)).toMatchObject({ kind: 'set', value: 1 });
  });

  it('drops an option that the method does not have, and a method that does not exist', () => {
    const option = { path: 'steps[0].options.bitz', message: '' };
    expect(mendOf(option, steps, cardOf)).toMatchObject({ kind: 'drop', option: 'bitz' });
    const method = { path: 'steps[2].method', message: '' };
    expect(mendOf(method, steps, cardOf)).toEqual({ kind: 'remove', key: 'later 1' });
  });

  it('leaves a step out only where another one stays', () => {
    const problem = { path: 'steps[0].target', message: '' };
    expect(mendOf(problem, steps, cardOf)).toEqual({ kind: 'disable', key: 'gptq 1' });
    expect(mendOf(problem, steps.slice(0, 1), cardOf)).toBeUndefined();
    expect(mendOf({ path: 'steps', message: '' }, steps, cardOf)).toBeUndefined();
  });
});

it('nearestValid: of text, the usual value; of whole numbers, the nearest', () => {
  const whole = { name: 'x', title: 'X', help: '', advanced: false, kind: 'integer' } as const;
  const field = { ...whole, minimum: 1, maximum: 10, default: 4 };
  expect(nearestValid(field, 'many')).toBe(4);
  expect(nearestValid(field, 2.6)).toBe(3);
  expect(nearestValid(field, 99)).toBe(10);
  expect(nearestValid(field, NaN)).toBe(4);
});
