import { describe, expect, it } from 'vitest';
import { allMetas } from '../../core/methods/catalog.ts';
import { decidedOptions } from '../../core/methods/options-form.ts';
import { aimText, readAim } from './read-aim.ts';
import { currentAim, fitSteps } from './fit-steps.ts';

const cards = allMetas().map((meta) => ({ ...meta, decided: decidedOptions(meta) }));
const cardOf = (id: string) => cards.find((card) => card.id === id);
const aiming = cards.find(({ aims }) => aims !== undefined);

const step = (method: string, options = {}) => ({ method, target: 'all' as const, options });

describe('what a file shall come to, as people write it', () => {
  it.each([
    ['60 MB', { bytes: 60e6 }],
    ['800kB', { bytes: 800e3 }],
    ['1 %', { loss: 0.01 }],
    ['0,5%', { loss: 0.005 }],
    ['60', undefined],
    ['', undefined],
    ['0 %', undefined],
    ['small', undefined],
  ])('%s', (text, aim) => {
    expect(readAim(text)).toEqual(aim);
  });

  it('is written back as it was read', () => {
    for (const text of ['60 MB', '1 %', '0.25 %', '123456 B'])
      expect(readAim(aimText(readAim(text) ?? { bytes: 1 }))).toEqual(readAim(text));
  });
});

describe('fitting a recipe', () => {
  it('some method takes an aim, and reads it back', () => {
    for (const aim of [{ bytes: 5000 }, { loss: 0.02 }]) {
      const options = aiming?.aims?.toward(aim) ?? {};
      expect(aiming?.aims?.of(aiming.options.parse(options))).toEqual(aim);
    }
    expect(aiming?.options.safeParse(aiming.aims?.least()).success).toBe(true);
  });

  it('stands in place of what chooses how weights are stored, and behind the rest', () => {
    if (aiming === undefined) throw new Error('no method takes an aim');
    const pruned = step('magnitude');
    const steps = [pruned, step('gptq'), step('round-to-nearest')];
    const fitted = fitSteps(steps, aiming, cardOf, { aim: 'loss' });
    expect(fitted.steps).toEqual([pruned, step(aiming.id, { aim: 'loss' })]);
    expect(fitted.replaced).toEqual(steps.slice(1));
    expect(fitSteps([pruned], aiming, cardOf, {}).steps).toEqual([pruned, step(aiming.id)]);
  });

  it('gives its step another aim, makes void what was decided, and keeps the rest', () => {
    if (aiming === undefined) throw new Error('no method takes an aim');
    const chosen = aiming.decided[0].name;
    const options = { ...aiming.aims?.toward({ loss: 0.01 }), [chosen]: [], sensitivity: 'weight' };
    const own = step(aiming.id, options);
    expect(currentAim([own], aiming)).toEqual({ loss: 0.01 });
    const { steps } = fitSteps([own], aiming, cardOf, aiming.aims?.toward({ bytes: 9000 }) ?? {});
    expect(Object.keys(steps[0].options)).not.toContain(chosen);
    expect(steps[0].options).toMatchObject({ sensitivity: 'weight' });
    expect(currentAim(steps, aiming)).toEqual({ bytes: 9000 });
    expect(currentAim([step('gptq')], aiming)).toBeUndefined();
  });
});
