import { describe, expect, it } from 'vitest';
import { DEFAULT_CALIBRATION } from './default-calibration.ts';
import { parseDraft, parseRecipe } from './schema.ts';

const step = (change: object) => ({
  version: 1,
  steps: [{ method: 'round-to-nearest', ...change }],
});

describe('parseRecipe', () => {
  it('fills in every default, so that equal recipes are equal documents', () => {
    const short = parseRecipe({ version: 1, steps: [{ method: 'magnitude' }] });
    expect(short).toEqual({
      version: 1,
      seed: 0,
      steps: [
        {
          method: 'magnitude',
          target: 'all',
          options: { sparsity: 0.5, pattern: 'unstructured', scope: 'tensor' },
        },
      ],
    });
    expect(parseRecipe(short)).toEqual(short);
    expect(parseRecipe(JSON.stringify(short))).toEqual(short);
  });

  it('is complete with a calibration that names only its data', () => {
    const short = parseRecipe({ version: 1, steps: [], calibration: { data: 'mine.txt' } });
    expect(short.calibration).toEqual({ data: 'mine.txt', samples: 64, length: 256 });
    const { samples, length } = DEFAULT_CALIBRATION;
    expect(short.calibration).toMatchObject({ samples, length });
    const few = parseRecipe({
      version: 1,
      steps: [],
      calibration: { data: 'mine.txt', samples: 3 },
    });
    expect(few.calibration).toEqual({ data: 'mine.txt', samples: 3, length: 256 });
  });

  it('keeps a step that is off, and says in one way only that it is on', () => {
    const [off, on] = [{ disabled: true }, { disabled: false }].map((change) =>
      parseRecipe(step(change)),
    );
    expect(off.steps[0].disabled).toBe(true);
    expect(JSON.stringify(on)).toBe(JSON.stringify(parseRecipe(step({}))));
  });

  it('a draft may hold methods and options of another version, a recipe may not', () => {
    const later = { version: 1, steps: [{ method: 'later', options: { bits: 'few' } }] };
    const draft = parseDraft(later);
    expect(draft).toEqual({ version: 1, seed: 0, steps: [{ ...later.steps[0], target: 'all' }] });
    expect(() => parseRecipe(draft)).toThrow('steps[0].method: there is no method "later"');
    const typing = step({ target: { tensors: ['/(a/'] } });
    expect(parseDraft(typing).steps[0].target).toEqual({ tensors: ['/(a/'] });
    expect(() => parseDraft(step({ target: 'everything' }))).toThrow('steps[0].target');
  });

  it('reads every form of target', () => {
    const targets = [
      'all',
      'output-head',
      { role: 'attention', blocks: [0, 1] },
      { tensors: ['w', '/layers\\.[0-3]/'] },
      { all: true, except: ['embedding', { blocks: [0] }] },
    ];
    for (const target of targets)
      expect(parseRecipe(step({ target })).steps[0].target).toEqual(target);
  });

  it.each([
    [
      'not JSON',
      '{',
      'the recipe: it is not valid JSON; check for missing commas, quotes or brackets.',
    ],
    ['a list', [], 'the recipe: a list was found where an object is needed.'],
    ['a later version', { version: 2, steps: [] }, 'version: 2 is not possible; use 1.'],
    ['no steps', { version: 1 }, 'steps: nothing was found where a list is needed.'],
    [
      'an unknown field',
      { version: 1, step: [], steps: [] },
      'step: there is no field "step"; did you mean "steps"?',
    ],
    [
      'an unknown field of a step',
      step({ optoins: {} }),
      'steps[0].optoins: there is no field "optoins"; did you mean "options"?',
    ],
    [
      'an unknown method',
      { version: 1, steps: [{ method: 'gptqq' }] },
      'steps[0].method: there is no method "gptqq"; did you mean "gptq"?',
    ],
    [
      'an unknown option',
      step({ options: { blocksize: 32 } }),
      'steps[0].options.blocksize: there is no field "blocksize"; did you mean "blockSize"?',
    ],
    [
      'a value that is no choice',
      step({ options: { bits: 7 } }),
      'steps[0].options.bits: 7 is not possible; use one of 8, 6, 5, 4, 3, 2, "auto".',
    ],
    [
      'a misspelt choice',
      step({ options: { clip: 'mes' } }),
      'steps[0].options.clip: "mes" is not possible; use one of "none", "mse", "exact", "octav", "search" (did you mean "mse"?).',
    ],
    [
      'a number out of range',
      { version: 1, steps: [{ method: 'magnitude', options: { sparsity: 1.5 } }] },
      'steps[0].options.sparsity: 1.5 is too large; use at most 1.',
    ],
    [
      'a number below the range',
      { version: 1, steps: [{ method: 'gptq', options: { damping: -1 } }] },
      'steps[0].options.damping: -1 is too small; use at least 0.',
    ],
    [
      'a pattern that cannot be',
      { version: 1, steps: [{ method: 'wanda', options: { pattern: '4:2' } }] },
      'steps[0].options.pattern: "4:2" is not possible: a pattern N:M keeps N of every M weights, with 1 ≤ N < M ≤ 64.',
    ],
    [
      'text for a switch',
      step({ options: { symmetric: 'yes' } }),
      'steps[0].options.symmetric: "yes" was found where true or false is needed.',
    ],
    [
      'options that exclude each other',
      { version: 1, steps: [{ method: 'gptq', options: { order: 'activation' } }] },
      'steps[0].options.order: "activation" is not possible: activation order scatters the columns of a block, which no file format can store; use the order "blocks", or set staticGroups to true or blockSize to "channel".',
    ],
    [
      'an unknown target',
      step({ target: 'atention' }),
      'steps[0].target: there is no target "atention"; did you mean "attention"?',
    ],
    [
      'an unknown role',
      step({ target: { role: 'embeding' } }),
      'steps[0].target.role: "embeding" is not possible; use one of "attention", "feed-forward", "embedding", "output-head" (did you mean "embedding"?).',
    ],
    [
      'an unknown selector',
      step({ target: { block: [1] } }),
      'steps[0].target.block: there is no field "block"; did you mean "blocks"?',
    ],
    [
      'an empty selector',
      step({ target: {} }),
      'steps[0].target: it selects nothing; use "all", a role, blocks or tensors.',
    ],
    [
      'a broken expression',
      step({ target: { tensors: ['/(a/'] } }),
      'steps[0].target.tensors[0]: The regular expression /(a/ has a "(" that is never closed; write a simpler one, or list the layers by name.',
    ],
    [
      'a mistake inside except',
      step({ target: { all: true, except: ['head'] } }),
      'steps[0].target.except[0]: there is no target "head"; did you mean "output-head"?',
    ],
    [
      'an incomplete calibration',
      { version: 1, steps: [], calibration: { data: 'x', samples: 0, length: 8 } },
      'calibration.samples: 0 is too small; use at least 1.',
    ],
    [
      'too many steps',
      { version: 1, steps: Array.from({ length: 65 }, () => ({ method: 'float16' })) },
      'steps: it has too many entries; use at most 64.',
    ],
  ])('refuses %s', (_, recipe, sentence) => {
    expect(() => parseRecipe(recipe)).toThrow(new RegExp(`^${escape(sentence)}$`));
  });

  it('gives the path as a fact', () => {
    const error = (() => {
      try {
        return parseRecipe(step({ options: { bits: 7 } }));
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toMatchObject({
      code: 'recipe-invalid',
      details: { path: 'steps[0].options.bits' },
    });
  });
});

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
