import { expect, it } from 'vitest';
import { cachedDecoder } from '../../../test/fixtures/cached-decoder.ts';
import { methodById } from '../../core/methods/registry.ts';
import type { PlannedStep } from '../../core/recipe/plan-types.ts';
import type { OpenModel } from '../model/open.ts';
import { protocolOf } from './protocol.ts';

function step(touchesCache: boolean): PlannedStep {
  const method = methodById('round-to-nearest');
  const meta = { ...method.meta, touchesCache };
  return { index: 0, method: { ...method, meta } } as unknown as PlannedStep;
}

it('fills the cache where a step touches it and the model has one', () => {
  const open = (cache: 'pairs' | 'none', task = 'language-model') =>
    ({ model: cachedDecoder({ cache }), task }) as OpenModel;
  expect(protocolOf(open('pairs'), { steps: [step(false), step(true)] })).toBe('cached');
  expect(protocolOf(open('pairs'), { steps: [step(false)] })).toBe('windows');
  expect(protocolOf(open('none'), { steps: [step(true)] })).toBe('windows');
  expect(protocolOf(open('pairs', 'encoder'), { steps: [step(true)] })).toBe('windows');
});
