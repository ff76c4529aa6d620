import { beforeEach, describe, expect, it } from 'vitest';
import { useNotices } from '../state/notice-store.ts';
import { useView } from '../state/view-store.ts';
import { compareFirst, compareTrial } from './compare-trials.ts';

beforeEach(() => {
  useView.setState({ compared: [] });
  useNotices.setState({ notices: [] });
});

describe('trials that are compared', () => {
  it('are four at most: a fifth is refused in words, and nothing is replaced', () => {
    for (const id of ['one', 'two', 'three', 'four', 'five']) compareTrial(id);
    expect(useView.getState().compared).toEqual(['one', 'two', 'three', 'four']);
    expect(useNotices.getState().notices.map(({ text }) => text)).toEqual([
      'Four trials can be compared at once: one, two, three, four. Take one of them out first.',
    ]);
    compareTrial('two');
    compareTrial('five');
    expect(useView.getState().compared).toEqual(['one', 'three', 'four', 'five']);
  });

  it('are measured against the one that is put first', () => {
    for (const id of ['a', 'b', 'c']) compareTrial(id);
    compareFirst('c');
    expect(useView.getState().compared).toEqual(['c', 'a', 'b']);
  });
});
