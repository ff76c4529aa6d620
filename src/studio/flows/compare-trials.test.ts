import { beforeEach, describe, expect, it } from 'vitest';
import { useNotices } from '../state/notice-store.ts';
import { useView } from '../state/view-store.ts';
import type { Trial } from '../../../workers/protocol.ts';
import { setClients, type Clients } from '../client/clients.ts';
import { queries } from '../state/trials.ts';
import { useModel } from '../state/model-store.ts';
import { compareFirst, compareTrial, compareWithAnother } from './compare-trials.ts';

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

  describe('from a result', () => {
    const keep = (...ids: string[]): void => {
      queries.clear();
      const model = { sha256: 'm' };
      const trials = ids.map((id, createdAt) => ({
        id,
        name: id,
        state: 'done',
        model,
        createdAt,
      }));
      const engine = { trials: () => Promise.resolve(trials as unknown as Trial[]) };
      setClients({ engine, preview: {} } as unknown as Clients);
      useModel.setState({ view: { sha256: 'm', origin: 'file' } as never });
    };

    it('are the one that is shown against the last other one', async () => {
      keep('old', 'newer', 'shown');
      await compareWithAnother('shown');
      expect(useView.getState().compared).toEqual(['newer', 'shown']);
      await compareWithAnother('old');
      expect(useView.getState().compared).toEqual(['newer', 'shown', 'old']);
    });

    it('need another one', async () => {
      keep('shown');
      await compareWithAnother('shown');
      expect(useView.getState().compared).toEqual(['shown']);
      expect(useNotices.getState().notices.map(({ text }) => text)).toEqual([
        'This is the only trial of the model. Run another recipe to compare it with.',
      ]);
    });
  });
});
