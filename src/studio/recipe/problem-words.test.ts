import { expect, it } from 'vitest';
import { fullSentence, placeOf, plainSentence, type StepNames } from './problem-words.ts';

const steps: readonly StepNames[] = [
  { title: 'GPTQ', options: { bits: 'Bits' } },
  { title: 'De-duplicate', options: {} },
];

it('says where a problem is in words, not in paths', () => {
  const late = {
    path: 'steps[1]',
    message:
      'steps[1]: De-duplicate looks at the values of "w", which step 1 (GPTQ) decides only when it runs; move it before that step.',
    before: 0,
  };
  expect(plainSentence(late, steps)).toBe(
    'De-duplicate looks at the values of "w", which step 1 (GPTQ) decides only when it runs; move it before that step.',
  );
  expect(fullSentence(late, steps)).toBe('Step 2, De-duplicate, must come before step 1 (GPTQ).');
  const bits = {
    path: 'steps[0].options.bits',
    message: 'steps[0].options.bits: 9 is not possible; use one of 8, 4, 3, 2.',
  };
  expect(plainSentence(bits, steps)).toBe('9 is not possible; use one of 8, 4, 3, 2.');
  expect(fullSentence(bits, steps)).toBe(
    'Step 1, GPTQ, Bits: 9 is not possible; use one of 8, 4, 3, 2.',
  );
});

it('turns paths of other places within a sentence into words, and keeps those that lead nowhere', () => {
  const message = 'See steps[0].options.bits, steps[1].target.tensors[0], steps[1] and steps[7].';
  expect(plainSentence({ path: 'steps', message }, steps)).toBe(
    'See Bits of step 1 (GPTQ), the target of step 2 (De-duplicate), step 2 (De-duplicate) and steps[7].',
  );
  expect(fullSentence({ path: 'steps', message: 'nothing changes.' }, steps)).toBe(
    'Nothing changes.',
  );
  expect(placeOf('calibration.samples')).toEqual({});
});
