import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ModelView } from '../../../workers/protocol.ts';
import { setClients } from '../client/clients.ts';
import { followForecast, isCurrent, useForecast } from './forecast-store.ts';
import { useModel } from './model-store.ts';
import { loadRecipe, setSeed } from './recipe-store.ts';

const madeUp = { name: 'made up' } as Partial<ModelView> as ModelView;

/** Answers wait until they are let go. */
let answers: ((bytes: number) => Promise<void>)[] = [];
let stop: () => void = () => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  answers = [];
  const forecast = () =>
    new Promise((resolve) => {
      answers.push((bytes) => {
        resolve({ bytes, problems: [], trains: false });
        return vi.advanceTimersByTimeAsync(0).then(() => undefined);
      });
    });
  setClients({ engine: { forecast } } as unknown as Parameters<typeof setClients>[0]);
  loadRecipe({ version: 1, seed: 0, steps: [] });
  useModel.setState({ view: madeUp }, true);
  stop = followForecast();
});

afterEach(() => {
  stop();
  useModel.setState({}, true);
  vi.useRealTimers();
});

const state = () => useForecast.getState();

it('a quick answer is never called stale, a slow one is until it comes', async () => {
  await answers[0](100);
  expect(isCurrent(state())).toBe(true);
  setSeed(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(state().stale).not.toBe(true);
  await vi.advanceTimersByTimeAsync(100);
  expect(state()).toMatchObject({ stale: true, forecast: { bytes: 100 } });
  expect(isCurrent(state())).toBe(false);
  await answers[1](200);
  expect(state().stale).not.toBe(true);
  expect(state().forecast?.bytes).toBe(200);
});

it('an answer to an older question stays stale', async () => {
  setSeed(2);
  await vi.advanceTimersByTimeAsync(200);
  await answers[0](100);
  expect(state()).toMatchObject({ stale: true, forecast: { bytes: 100 } });
  await answers[1](300);
  expect(isCurrent(state())).toBe(true);
});
