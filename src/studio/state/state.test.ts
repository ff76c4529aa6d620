import { beforeEach, describe, expect, it } from 'vitest';
import type { Trial } from '../../../workers/protocol.ts';
import { advance, canEndMeasuring, IDLE } from './job-store.ts';
import {
  addStep,
  beginDrag,
  currentRecipe,
  duplicateStep,
  endDrag,
  loadRecipe,
  moveStep,
  redo,
  removeStep,
  selectStep,
  setOption,
  undo,
  updateStep,
  useRecipe,
} from './recipe-store.ts';

const keyOf = (index: number): string => useRecipe.getState().steps[index].key;
const methods = (): string[] => currentRecipe().steps.map(({ method }) => method);
const bits = (): unknown => currentRecipe().steps[0].options['bits'];

describe('the recipe on the bench', () => {
  beforeEach(() => {
    loadRecipe({ version: 1, seed: 0, steps: [] });
    useRecipe.temporal.getState().clear();
    addStep('gptq', { bits: 8 });
    addStep('wanda', { sparsity: 0.5 });
  });

  it('adds, moves, duplicates, toggles and removes steps, and undoes each', () => {
    moveStep(keyOf(1), -1);
    expect(methods()).toEqual(['wanda', 'gptq']);
    duplicateStep(keyOf(0));
    expect(methods()).toEqual(['wanda', 'wanda', 'gptq']);
    updateStep(keyOf(0), { disabled: true });
    expect(currentRecipe().steps[0].disabled).toBe(true);
    removeStep(keyOf(1));
    expect(methods()).toEqual(['wanda', 'gptq']);
    for (let i = 0; i < 4; i += 1) undo();
    expect(methods()).toEqual(['gptq', 'wanda']);
    redo();
    expect(methods()).toEqual(['wanda', 'gptq']);
  });

  it('counts a drag as one change', () => {
    for (const value of [7, 6, 5, 4]) {
      setOption(keyOf(0), 'bits', value);
      beginDrag();
    }
    endDrag();
    expect(bits()).toBe(4);
    undo();
    expect(bits()).toBe(8);
    redo();
    expect(bits()).toBe(4);
  });

  it('does not undo what is only looked at', () => {
    const before = useRecipe.temporal.getState().pastStates.length;
    selectStep(keyOf(1));
    expect(useRecipe.temporal.getState().pastStates.length).toBe(before);
  });

  it('is a document without the page’s own keys', () => {
    expect(currentRecipe()).toEqual({
      version: 1,
      seed: 0,
      steps: [
        { method: 'gptq', target: 'all', options: { bits: 8 } },
        { method: 'wanda', target: 'all', options: { sparsity: 0.5 } },
      ],
    });
  });
});

describe('progress', () => {
  it('never goes back and collects layers', () => {
    const layer = { name: 'a', relativeError: 0.1, errorKind: 'weight' as const };
    let state = advance({ ...IDLE, running: true }, { stage: 'x', fraction: 0.5, layer });
    state = advance(state, { stage: 'y', fraction: 0.2 });
    expect(state.progress).toEqual({ stage: 'y', fraction: 0.5 });
    expect(advance(state, { stage: 'z', fraction: 3 }).progress?.fraction).toBe(1);
    expect(state.layers).toEqual({ a: layer });
  });

  it('keeps what measuring came to so far until its trial is there', () => {
    const metrics = { original: {}, compressed: {}, difference: {} };
    const interim = { bytes: 10, done: 4, of: 60, ...metrics };
    const begun = { ...IDLE, running: true };
    const shown = advance(begun, { stage: 'Measuring', fraction: 0.5, interim });
    expect(canEndMeasuring(begun)).toBe(false);
    const further = advance(shown, { stage: 'Measuring', fraction: 0.6 });
    expect(further.interim).toBe(interim);
    expect(canEndMeasuring(further)).toBe(true);
    expect(canEndMeasuring({ ...further, cancelling: true })).toBe(false);
    const timing = advance(further, { stage: 'Timing', fraction: 0.7 });
    expect(timing.interim).toBe(interim);
    expect(canEndMeasuring(timing)).toBe(false);
    const trial: Trial = {
      ...{ id: 'a', model: { name: 'm', sha256: 'x' }, name: 'q8', createdAt: 0 },
      state: 'done',
      recipe: { version: 1, seed: 0, steps: [] },
    };
    const over = advance({ ...timing, ending: true }, { stage: 'Timing', fraction: 0.8, trial });
    expect(over).toMatchObject({ interim: undefined, ending: false });
  });
});
