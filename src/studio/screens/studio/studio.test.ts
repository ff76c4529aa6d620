import { describe, expect, it } from 'vitest';
import { problemsUnder } from './recipe/problems.ts';

describe('problems', () => {
  const problems = [
    { path: 'steps[0].options.bits', message: 'a' },
    { path: 'steps[10].target.tensors[0]', message: 'b' },
    { path: 'calibration', message: 'c' },
    { path: 'steps', message: 'd' },
    { path: '', message: 'e' },
  ];
  const under = (prefix: string) => problemsUnder(problems, prefix).map(({ message }) => message);

  it('stand at their field and at all it lies in', () => {
    expect(under('steps[0].options.bits')).toEqual(['a']);
    expect(under('steps[0].options.bit')).toEqual([]);
    expect(under('steps[1]')).toEqual([]);
    expect(under('steps[10].target')).toEqual(['b']);
    expect(under('steps[10].options')).toEqual([]);
  });
});
