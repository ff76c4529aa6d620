import { describe, expect, it } from 'vitest';
import type { Trial } from '../../../workers/protocol.ts';
import { fakeTrials } from '../testing/fake-trials.ts';
import { archiveOf } from './archive.ts';
import { runGroups, runRow, type RunRow } from './run-row.ts';
import { runsCsv } from './runs-csv.ts';
import { trialBytesByModel } from './trial-bytes.ts';

const trials = fakeTrials(40);
const rows = trials.map(runRow);
const names = (list: readonly RunRow[]): string[] => list.map(({ name }) => name);

describe('groups of runs', () => {
  it('are by model, the open one first, then the one with the newest trials', () => {
    const [stories, digits, third] = runGroups(rows);
    expect([stories, digits, third].map(({ model }) => model)).toEqual([
      'stories',
      'digits',
      'a-model-with-a-rather-long-name',
    ]);
    const [first] = runGroups(rows, third.sha256);
    expect(first.model).toBe(third.model);
    expect(stories).toMatchObject({ metric: 'perplexity', better: 'lower' });
    expect(stories.original?.measured?.value).toBe(3.548);
    expect(runGroups([])).toEqual([]);
  });

  it('keep the order of the rows, pinned ones on top', () => {
    const [{ rows: sorted }] = runGroups(rows);
    const pinned = sorted.filter(({ trial }) => trial.pinned);
    expect(pinned.length).toBeGreaterThan(0);
    expect(names(sorted.slice(0, pinned.length))).toEqual(names(pinned));
    const rest = sorted.slice(pinned.length).map(({ createdAt }) => createdAt);
    expect(rest).toEqual([...rest].sort((a, b) => b - a));
  });

  it('say nothing of an original where no trial was measured', () => {
    const stopped = rows.filter(({ state }) => state !== 'done');
    expect(stopped.length).toBeGreaterThan(0);
    for (const group of runGroups(stopped)) expect(group).not.toHaveProperty('original');
  });
});

it('the CSV holds the rows it is given, in their order', () => {
  const lines = runsCsv([trials[2], trials[0]]).trimEnd().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(
    /^name,model,state,created,bytesBefore,bytesAfter,bitsPerWeight,verdict,/,
  );
  expect(lines[1]).toContain(trials[2].name);
  expect(lines[2]).toContain(trials[0].name);
});

it('bytes of trials add up by model, shipped ones left out', () => {
  const of = (id: string, sha256: string, more: Partial<Trial> = {}): Trial => ({
    ...trials[0],
    ...{ id, model: { name: `model ${sha256}`, sha256 } },
    ...more,
  });
  const found = trialBytesByModel(
    [of('a', 'x'), of('b', 'y'), of('c', 'x'), of('d', 'x', { shipped: true })],
    { a: 5, b: 90, c: 7, d: 1000 },
  );
  expect(found).toEqual([
    { sha256: 'y', model: 'model y', count: 1, bytes: 90 },
    { sha256: 'x', model: 'model x', count: 2, bytes: 12 },
  ]);
});

describe('the archive of all trials', () => {
  it('has a folder for each, and keeps the report of one whose file is gone', async () => {
    const done = trials.filter(({ state }) => state === 'done').slice(0, 2);
    const cancelled = trials.find(({ state }) => state === 'cancelled') ?? trials[0];
    const twins = done.map((trial) => ({ ...trial, name: 'my trial/1' }));
    const asked: string[] = [];
    const told: number[] = [];
    const filesOf = async (id: string) => {
      asked.push(id);
      if (id === done[1].id) throw new Error('gone');
      return [{ path: 'model.onnx', blob: new Blob(['x']) }];
    };
    const found: string[] = [];
    for await (const { name } of archiveOf([...twins, cancelled], filesOf, (n) => told.push(n))) {
      found.push(name);
    }
    expect(found.slice(0, 3)).toEqual([
      'stories/my-trial-1/trial.json',
      'stories/my-trial-1/model.onnx',
      `stories/my-trial-1-${done[1].id}/trial.json`,
    ]);
    expect(found).toHaveLength(4);
    expect(asked).toEqual(done.map(({ id }) => id));
    expect(told).toEqual([1, 2, 3]);
  });
});
