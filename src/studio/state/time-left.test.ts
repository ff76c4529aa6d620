import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { advance, IDLE, useJob } from './job-store.ts';
import { countDown, secondsLeftAt, useTimeLeft } from './time-left.ts';

const left = () => useTimeLeft.getState().seconds;

function tell(secondsLeft: number | undefined, fraction = 0.5): void {
  const told = secondsLeft === undefined ? {} : { secondsLeft };
  useJob.setState(advance(useJob.getState(), { stage: 'GPTQ', fraction, ...told }));
}

describe('the time left', () => {
  let stop: () => void;
  beforeEach(() => {
    vi.useFakeTimers();
    useJob.setState({ ...IDLE, running: true }, true);
    stop = countDown();
  });
  afterEach(() => {
    stop();
    vi.useRealTimers();
    useJob.setState(IDLE, true);
  });

  it('counts down between reports, and says nothing once it is used up', () => {
    tell(4);
    expect(left()).toBe(4);
    vi.advanceTimersByTime(3000);
    expect(left()).toBeCloseTo(1, 6);
    vi.advanceTimersByTime(1500);
    expect(left()).toBeUndefined();
  });

  it('takes up a newer report at the next tick, not with every message', () => {
    tell(10);
    vi.advanceTimersByTime(100);
    tell(30);
    expect(left()).toBe(10);
    vi.advanceTimersByTime(400);
    expect(left()).toBeCloseTo(29.6, 6);
  });

  it('stands still in a pause and is gone after the run', () => {
    tell(10);
    useJob.setState({ paused: true });
    expect(left()).toBeUndefined();
    vi.advanceTimersByTime(60_000);
    useJob.setState({ paused: false });
    tell(9);
    expect(left()).toBe(9);
    useJob.setState(IDLE, true);
    expect(left()).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is unknown where nothing is told', () => {
    tell(undefined);
    expect(left()).toBeUndefined();
    expect(secondsLeftAt({ seconds: 2, at: 1000 }, 1500)).toBe(1.5);
  });
});
