import { expect, it } from 'vitest';
import { paneAfterRun, seenPane } from './panes.ts';

it('shows evidence where the recipe has its own column', () => {
  expect(seenPane('recipe', true)).toBe('evidence');
  expect(seenPane('recipe', false)).toBe('recipe');
  expect(seenPane('result', true)).toBe('result');
});

it('takes nobody away from what is being read', () => {
  expect(paneAfterRun({ pane: 'evidence', tab: 'weights' })).toBe('evidence');
  expect(paneAfterRun({ pane: 'evidence', tab: 'frontier' })).toBe('result');
  expect(paneAfterRun({ pane: 'recipe', tab: 'weights' })).toBe('result');
  expect(paneAfterRun({ pane: 'result', tab: 'weights' })).toBe('result');
});
