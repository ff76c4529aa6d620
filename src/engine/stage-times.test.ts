import { describe, expect, it } from 'vitest';
import { JobProgressBar, type ProgressEvent } from './progress.ts';
import { StageTimes, type TimedStage } from './stage-times.ts';
import { MemoryStorage } from './storage/memory.ts';

/** A stage with what it really takes, and whether it says anything on its way. */
interface RealStage {
  readonly name: string;
  readonly weight: number;
  readonly seconds: number;
  readonly silent?: boolean;
}

const SLOW_END: readonly RealStage[] = [
  { name: 'GPTQ', weight: 6, seconds: 4 },
  { name: 'Writing the file', weight: 0.5, seconds: 0.4 },
  { name: 'Measuring', weight: 4, seconds: 20 },
  { name: 'Timing', weight: 1, seconds: 3 },
  { name: 'Comparing devices', weight: 2, seconds: 40, silent: true },
];

const stageOf = ({ name, weight }: RealStage): TimedStage => ({
  ...{ name, weight, of: 'model wasm', units: 1.2 },
});

/** Runs stages on a made-up clock; each report beside the seconds that were really left. */
async function run(storage: MemoryStorage, stages: readonly RealStage[], slower = 1) {
  const seen: { event: ProgressEvent; left: number }[] = [];
  let now = 0;
  const total = stages.reduce((sum, { seconds }) => sum + seconds * slower, 0);
  const times = await StageTimes.read(storage);
  const emit = (event: ProgressEvent): void => void seen.push({ event, left: total - now / 1000 });
  const timed = stages.map(stageOf);
  const bar = new JobProgressBar(times.expected(timed), emit, () => now);
  for (const [index, { seconds, silent }] of stages.entries()) {
    const tell = bar.stage(index);
    const reports = silent === true ? 1 : 10;
    tell(0);
    for (let report = 1; report <= reports; report++) {
      now += (1000 * seconds * slower) / reports;
      tell(report / reports);
    }
  }
  await times.learn(timed, bar);
  return seen;
}

/** The largest factor between what was told and what was left; counted down it stays the same or gets better. */
function worst(seen: Awaited<ReturnType<typeof run>>, last = 1): number {
  const factors = seen.flatMap(({ event: { secondsLeft }, left }) =>
    secondsLeft === undefined || left < last
      ? []
      : [Math.max(secondsLeft / left, left / secondsLeft)],
  );
  expect(factors.length).toBeGreaterThan(10);
  return Math.max(...factors);
}

describe('the time left', () => {
  it('is right within a factor 1.5 once a run with stages of very different length was learned', async () => {
    const storage = new MemoryStorage();
    const first = await run(storage, SLOW_END);
    // The first run cannot know: the last stages were thought to be short.
    expect(worst(first)).toBeGreaterThan(2);
    const second = await run(storage, SLOW_END);
    expect(worst(second)).toBeLessThan(1.01);
    const comparing = second.find(({ event }) => event.stage === 'Comparing devices');
    expect(comparing?.event.secondsLeft).toBeCloseTo(40, 3);
  });

  it('stays so when the machine is busier than before, or less', async () => {
    for (const slower of [0.75, 1.35]) {
      const storage = new MemoryStorage();
      await run(storage, SLOW_END);
      expect(worst(await run(storage, SLOW_END, slower))).toBeLessThan(1.5);
    }
  });

  it('is told from the first second on, where stages are known', async () => {
    const storage = new MemoryStorage();
    await run(storage, SLOW_END);
    const told = (await run(storage, SLOW_END)).filter(({ event }) => event.secondsLeft);
    expect(told[0].left).toBeGreaterThan(66);
  });

  it('knows other recipes of the same model by the stages that they share', async () => {
    const storage = new MemoryStorage();
    await run(storage, SLOW_END);
    const [, ...shared] = SLOW_END;
    const other = [{ name: 'AWQ', weight: 6, seconds: 12 }, ...shared];
    expect(worst(await run(storage, other))).toBeLessThan(1.5);
  });
});

describe('what a run teaches', () => {
  it('leaves out stages that were kept or did not end', async () => {
    const storage = new MemoryStorage();
    let now = 0;
    const stages = SLOW_END.map(stageOf);
    const bar = new JobProgressBar(
      stages,
      () => {},
      () => now,
    );
    bar.keep(0);
    bar.stage(0)(1);
    now = 500;
    bar.stage(1)(1);
    now = 900;
    bar.stage(2)(0.5);
    const times = await StageTimes.read(storage);
    await times.learn(stages, bar);
    const known = (await StageTimes.read(storage)).expected(stages);
    expect(known.map(({ seconds }) => seconds)).toEqual([
      ...[undefined, 0.5, undefined, undefined, undefined],
    ]);
  });

  it('holds for larger models in proportion, and moves towards newer runs', async () => {
    const storage = new MemoryStorage();
    await run(storage, SLOW_END);
    const larger = { ...stageOf(SLOW_END[2]), of: 'other', units: 12 };
    const times = await StageTimes.read(storage);
    expect(times.expected([larger])[0].seconds).toBeCloseTo(200, 6);
    await run(storage, SLOW_END, 2);
    const [again] = (await StageTimes.read(storage)).expected([stageOf(SLOW_END[2])]);
    expect(again.seconds).toBeCloseTo(30, 6);
  });

  it('is nothing where what was kept cannot be read', async () => {
    const storage = new MemoryStorage();
    await storage.write('times/stages.json', [new TextEncoder().encode('{"version":2}')]);
    const stages = SLOW_END.map(stageOf);
    expect((await StageTimes.read(storage)).expected(stages)).toEqual(stages);
  });
});
