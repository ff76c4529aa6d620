import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

function clock() {
  let time = 0;
  return { now: () => time, pass: (milliseconds: number) => void (time += milliseconds) };
}

const step = (number: number) => ({
  step: number,
  ...{ loss: 1, terms: {}, gradientNorm: 1, learningRate: 1e-3 },
});

describe('Pace', () => {
  it('counts labels and time left since this sitting began, pauses left out', async () => {
    const { now, pass } = clock();
    const pace = new Pace({ steps: 10, labelsPerStep: 100, now }, 4);
    pass(1000);
    expect(pace.event(step(5))).toMatchObject({ labelsPerSecond: 100, secondsLeft: 5, steps: 10 });
    const over = pace.pause(Promise.resolve());
    pass(60_000);
    await over;
    pass(1000);
    expect(pace.event(step(6))).toMatchObject({ labelsPerSecond: 100, secondsLeft: 4 });
  });

  it('asks for a checkpoint every five seconds', () => {
    const { now, pass } = clock();
    const pace = new Pace({ steps: 10, labelsPerStep: 100, now }, 0);
    pass(4999);
    expect(pace.isCheckpointDue()).toBe(false);
    pass(1);
    expect(pace.isCheckpointDue()).toBe(true);
    pace.checkpointed();
    expect(pace.isCheckpointDue()).toBe(false);
  });
});
