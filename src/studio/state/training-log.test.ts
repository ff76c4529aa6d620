import { describe, expect, it } from 'vitest';
import type { JobProgress, TrainingStart } from '../../../workers/protocol.ts';
import { advance, IDLE } from './job-store.ts';

const START: TrainingStart = {
  steps: 10,
  resumedAt: 0,
  labelsOnly: true,
  before: { value: 2, standardError: 0.1 },
  curve: [],
  validation: [],
};

const message = (part: Partial<JobProgress>): JobProgress => ({
  ...{ stage: 'LoRA', fraction: 0.1 },
  ...part,
});

function step(number: number, heldOut?: number): JobProgress {
  const pace = { learningRate: 1e-3, labelsPerSecond: 100, secondsLeft: 1 };
  const validation =
    heldOut === undefined ? undefined : { value: heldOut, standardError: Infinity };
  const training = { step: number, steps: 10, loss: 3 - number / 10, ...pace };
  return message({ training: { ...training, ...(validation && { validation }) } });
}

const after = (messages: readonly JobProgress[]) =>
  messages.reduce(advance, { ...IDLE, running: true }).training;

describe('the log of a training', () => {
  it('grows by a point a step, from the held-out loss before the first one', () => {
    const log = after([message({ trainingStart: START }), step(1), step(2, 1.9), message({})]);
    expect(log).toMatchObject({ steps: 10, resumedAt: 0, over: false });
    expect(log?.curve).toEqual([
      [1, 2.9],
      [2, 2.8],
    ]);
    // One held-out example has no standard error: no bar.
    expect(log?.validation).toEqual([
      [0, 2, 0.1],
      [2, 1.9, 0],
    ]);
    expect(log?.last?.step).toBe(2);
  });

  it('goes on where a checkpoint left off', () => {
    const curve = [
      [1, 3],
      [2, 2.5],
    ] as const;
    const validation = [[2, 1.8, 0.1]] as const;
    const resumed = { ...START, resumedAt: 2, curve, validation };
    const log = after([message({ trainingStart: resumed }), step(3)]);
    expect(log?.curve.map(([number]) => number)).toEqual([1, 2, 3]);
    expect(log?.validation.map(([number]) => number)).toEqual([0, 2]);
  });

  it('is over, and still there, when the next stage begins; a second training begins anew', () => {
    const first = [message({ trainingStart: START }), step(1)];
    expect(after([...first, message({ stage: 'Measuring' })])).toMatchObject({ over: true });
    const again = after([
      ...first,
      message({ stage: 'Distill' }),
      message({ trainingStart: START }),
    ]);
    expect(again).toMatchObject({ over: false, curve: [] });
    expect(again?.last).toBeUndefined();
  });

  it('is not there in a run that trains nothing', () => {
    expect(after([message({ stage: 'GPTQ' }), message({ stage: 'Measuring' })])).toBeUndefined();
  });
});
