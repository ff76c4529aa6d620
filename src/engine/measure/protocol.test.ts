import { expect, it } from 'vitest';
import { cachedDecoder } from '../../../test/fixtures/cached-decoder.ts';
import type { Task } from '../model/task.ts';
import { protocolOf } from './protocol.ts';

const step = (touchesCache: boolean) => ({ method: { meta: { touchesCache } } });

it('fills the cache where a step touches it and the model has one', () => {
  const open = (cache: 'pairs' | 'none', task: Task = 'language-model') => ({
    ...{ model: cachedDecoder({ cache }), task },
  });
  expect(protocolOf(open('pairs'), { steps: [step(false), step(true)] })).toBe('cached');
  expect(protocolOf(open('pairs'), { steps: [step(false)] })).toBe('windows');
  expect(protocolOf(open('none'), { steps: [step(true)] })).toBe('windows');
  expect(protocolOf(open('pairs', 'encoder'), { steps: [step(true)] })).toBe('windows');
});
