import { beforeAll, describe, expect, it } from 'vitest';
import { recipe, sampleModel } from '../../../test/support/sample.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { MemoryStorage } from '../storage/memory.ts';
import { StageCache } from './stage-cache.ts';
import { stageKeys } from './stage-key.ts';

let stories: OpenModel;
beforeAll(async () => {
  stories = await openModel(await sampleModel('stories'));
});

const A = { method: 'magnitude', options: { sparsity: 0.5 } };
const GPTQ = { method: 'gptq', options: { bits: 4 } };
const TUNE = { method: 'fine-tune', options: { steps: 1 } };
const B = { method: 'round-to-nearest', options: { bits: 8 } };

async function keys(wanted: Recipe, calibration?: string) {
  const plan = await planRecipe(stories.model, stories.anatomy, wanted);
  return stageKeys(stories.sha256, plan, { calibration, training: calibration });
}

describe('stage keys', () => {
  it('change from the changed step on, and never with the name', async () => {
    const [input, first, second] = await keys(recipe(A, B), 'c');
    const changed = await keys(recipe(A, { ...B, options: { bits: 4 } }), 'c');
    expect(changed.slice(0, 2)).toEqual([input, first]);
    expect(changed[2]).not.toBe(second);
    expect(await keys({ ...recipe(A, B), name: 'other' }, 'c')).toEqual([input, first, second]);
  });

  it('hold calibration and seed only where a step looks at them', async () => {
    const plain = await keys(recipe(A, B), 'c');
    expect(await keys(recipe(A, B), 'd')).toEqual(plain);
    expect(await keys({ ...recipe(A, B), seed: 8 }, 'c')).toEqual(plain);
    const gptq = await keys(recipe(A, GPTQ), 'c');
    expect(gptq.slice(0, 2)).toEqual(plain.slice(0, 2));
    const other = await keys(recipe(A, GPTQ), 'd');
    expect(other.slice(0, 2)).toEqual(plain.slice(0, 2));
    expect(other[2]).not.toBe(gptq[2]);
    const [, tuned] = await keys(recipe(TUNE), 'c');
    expect((await keys(recipe(TUNE), 'd'))[1]).not.toBe(tuned);
    expect((await keys({ ...recipe(TUNE), seed: 8 }, 'c'))[1]).not.toBe(tuned);
  });
});

describe('stage keys of another device', () => {
  it('name it from the first step on that runs the model', async () => {
    const plan = await planRecipe(stories.model, stories.anatomy, recipe(A, GPTQ, B));
    const on = (...devices: readonly ('wasm' | 'webgpu')[]) =>
      stageKeys(stories.sha256, plan, { calibration: 'c' }, devices);
    const wasm = await stageKeys(stories.sha256, plan, { calibration: 'c' });
    expect(await on('wasm', 'wasm', 'wasm')).toEqual(wasm);
    const webgpu = await on('webgpu', 'webgpu', 'webgpu');
    expect(webgpu.slice(0, 2)).toEqual(wasm.slice(0, 2));
    expect(webgpu.slice(2)).not.toEqual(wasm.slice(2));
    expect(webgpu[3]).not.toBe(wasm[3]);
    expect(await on('webgpu', 'webgpu', 'wasm')).toEqual(webgpu);
    expect(await on('webgpu', 'wasm', 'webgpu')).toEqual(wasm);
  });
});

describe('StageCache', () => {
  it('gives a stage back, and counts a damaged one as not kept', async () => {
    const storage = new MemoryStorage();
    const measured = [{ step: 0, name: 'x', relativeError: 0.5, errorKind: 'weight' as const }];
    await new StageCache(storage).put('k', { model: stories.model, measured, trained: [] });
    const found = await new StageCache(storage).get('k');
    expect(found?.measured).toEqual(measured);
    expect(found?.model.graph.nodes.length).toBe(stories.model.graph.nodes.length);
    await storage.write('stages/k.onnx', [Uint8Array.of(1, 2, 3)]);
    expect(await new StageCache(storage).get('k')).toBeUndefined();
    expect(await new StageCache(storage).get('unknown')).toBeUndefined();
  });

  it('makes room by dropping stages of other runs, never its own', async () => {
    const storage = new MemoryStorage();
    const stage = { model: stories.model, measured: [], trained: [] };
    await new StageCache(storage, 3e6).put('old', stage);
    const cache = new StageCache(storage, 3e6);
    await cache.put('one', stage);
    await cache.put('two', stage);
    await cache.put('three', stage);
    const kept = (await storage.list('stages')).filter((path) => path.endsWith('.onnx'));
    expect(kept).not.toContain('stages/old.onnx');
    expect(kept).toEqual(expect.arrayContaining(['stages/one.onnx', 'stages/two.onnx']));
  });
});
