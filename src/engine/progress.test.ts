import { describe, expect, it } from 'vitest';
import { JobProgressBar, type ProgressEvent } from './progress.ts';

function bar(times: number[]): { events: ProgressEvent[]; bar: JobProgressBar } {
  const events: ProgressEvent[] = [];
  let call = 0;
  const now = (): number => times[Math.min(call++, times.length - 1)] ?? 0;
  const stages = [
    { name: 'Read', weight: 1 },
    { name: 'Compress', weight: 3 },
  ];
  return { events, bar: new JobProgressBar(stages, (e) => events.push(e), now) };
}

describe('JobProgressBar', () => {
  it('weighs stages and ends at exactly 1', () => {
    const { events, bar: b } = bar([0]);
    b.stage(0)(1);
    b.stage(1)(0.5, 'block 1/2');
    b.stage(1)(1);
    expect(events.map((e) => e.fraction)).toEqual([0.25, 0.625, 1]);
    expect(events[1]).toMatchObject({ stage: 'Compress', detail: 'block 1/2' });
  });

  it('never moves backwards, whatever a stage reports', () => {
    const { events, bar: b } = bar([0]);
    b.stage(1)(0.9);
    b.stage(0)(0.1);
    b.stage(1)(-5);
    expect(events.map((e) => e.fraction)).toEqual([0.925, 0.925, 0.925]);
  });

  it('gives the time left from the pace so far, and none before it can be believed', () => {
    const { events, bar: b } = bar([0, 500, 10_000]);
    b.stage(0)(0.5);
    b.stage(0)(1);
    expect(events[0]?.secondsLeft).toBeUndefined();
    expect(events[1]?.secondsLeft).toBeCloseTo(30, 9);
  });
});
