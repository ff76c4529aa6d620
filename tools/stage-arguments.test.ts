import { describe, expect, it } from 'vitest';
import { readArguments } from './stage-arguments.ts';

const STAGES = ['types', 'unit', 'e2e'];
const read = (...args: readonly string[]) => readArguments(args, STAGES, ['unit', 'e2e']);

describe('arguments of npm test', () => {
  it('are stages, then what is meant for their runners', () => {
    expect(read()).toEqual({ stages: [], further: [] });
    expect(read('types', 'unit')).toEqual({ stages: ['types', 'unit'], further: [] });
    expect(read('unit', 'src/x', '-t', 'unit')).toEqual({
      stages: ['unit'],
      further: ['src/x', '-t', 'unit'],
    });
  });

  it('are refused when they name no stage', () => {
    expect(() => read('src/x')).toThrow(
      'There is no stage "src/x". Begin with the stages (types, unit, e2e), then name files: npm test -- unit src/x.',
    );
  });

  it('are refused for a stage that checks everything', () => {
    expect(() => read('types', 'src/x')).toThrow(
      'The stage "types" checks everything and takes no "src/x". Only unit, e2e take names of files.',
    );
  });
});
