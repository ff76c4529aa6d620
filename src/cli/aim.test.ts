import { describe, expect, it } from 'vitest';
import { presetByName } from '../core/recipe/presets.ts';
import { aimedRecipe, chosenAim } from './aim.ts';

const aim = (options: Record<string, string>) => chosenAim({ model: 'm', options });

describe('what a file is to come to', () => {
  it.each([
    ['60MB', { aim: 'size', bytes: 60e6 }],
    ['1.5 kB', { aim: 'size', bytes: 1500 }],
    ['123456B', { aim: 'size', bytes: 123_456 }],
    ['2MiB', { aim: 'size', bytes: 2 ** 21 }],
    ['25%', { aim: 'size', share: 0.25 }],
  ])('--fit %s', (words, expected) => {
    expect(aim({ fit: words })).toEqual(expected);
  });

  it('--loss 1%', () => {
    expect(aim({ loss: '1%' })).toEqual({ aim: 'loss', loss: 0.01 });
    expect(aim({})).toBeUndefined();
  });

  it.each(['60', '0MB', '-1MB', 'small', '60 XB'])('refuses --fit %s', (words) => {
    expect(() => aim({ fit: words })).toThrow(
      `--fit is "${words}", but it must be a size such as 60MB, 800kB or 123456B, or a share of the file such as 25%.`,
    );
  });

  it('refuses a loss without a percent sign, and both at once', () => {
    expect(() => aim({ loss: '0.01' })).toThrow(
      '--loss is "0.01", but it must be a share such as 1%.',
    );
    expect(() => aim({ loss: '1%', fit: '1MB' })).toThrow(
      '--fit says how large the file may be and --loss how much it may lose; give one of them.',
    );
  });

  it('is the last step of a recipe', () => {
    const alone = aimedRecipe(undefined, { aim: 'size', share: 0.25 }, 1000);
    expect(alone.steps).toMatchObject([
      { method: 'mixed-precision', target: 'all', options: { aim: 'size', budget: 250 } },
    ]);
    const base = presetByName('cut-and-heal').recipe;
    const behind = aimedRecipe(base, { aim: 'loss', loss: 0.02 }, 1000);
    expect(behind.steps.slice(0, -1)).toEqual(base.steps);
    expect(behind.steps.at(-1)?.options).toMatchObject({ aim: 'loss', loss: 0.02 });
  });
});
