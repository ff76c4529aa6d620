import { z } from 'zod';
import type { PlannedStep } from '../core/recipe/plan-types.ts';
import { needsOf } from '../core/methods/needs.ts';
import type { Job } from './job.ts';
import type { JobProgressBar, StagePlan } from './progress.ts';
import type { Storage } from './storage/types.ts';

const PATH = 'times/stages.json';
/** Stages of single models that are remembered; the oldest are forgotten. */
const MOST = 300;
/** What a newer run adds to what the earlier ones took. */
const NEWER = 0.5;

/** Seconds per unit of work, by stage. */
const TimesSchema = z.object({
  version: z.literal(1),
  /** Of one model on one device, newest last. */
  own: z.array(z.tuple([z.string(), z.number().positive()])),
  /** Of any model. */
  any: z.record(z.string(), z.number().positive()),
});
type Times = z.infer<typeof TimesSchema>;

/** A stage of a job as far as its duration goes. */
export interface TimedStage extends StagePlan {
  /** What else the duration depends on, beside the stage's name: model, device, data. */
  readonly of: string;
  /** What it grows with: steps of a training, else megabytes of weights. */
  readonly units: number;
}

type JobFacts = Pick<Job, 'devices' | 'evaluation' | 'plan'> & {
  readonly host: Pick<Job['host'], 'webgpu'>;
  readonly input: Pick<Job['input'], 'open'>;
};

/** The stages of a job: its steps, and what is done with their result. */
export function timedStages({ host, plan, input, evaluation, devices }: JobFacts): TimedStage[] {
  const of = `${input.open.sha256.slice(0, 12)} ${devices.device}`;
  const data = `${of} ${evaluation.sha256.slice(0, 12)}`;
  const megabytes = Math.max(plan.before.bytes, 1) / 1e6;
  const steps = plan.steps.map((step) => ({
    name: step.method.meta.title,
    ...{ weight: weightOf(step), of },
    units: trainingSteps(step) ?? megabytes,
  }));
  const behind = (name: string, weight: number, own: string): TimedStage => ({
    ...{ name, weight, of: own, units: megabytes },
  });
  return [
    ...steps,
    behind('Writing the file', 0.5, of),
    behind('Measuring', 12, data),
    behind('Timing', 2, data),
    // Where there is nothing to compare, that is said at once.
    behind('Comparing devices', host.webgpu === undefined ? 0.1 : 5, of),
  ];
}

/** Rough shares of time on the shipped models, until a run has told. */
function weightOf({ method, options, work }: PlannedStep): number {
  if (work.some(({ kind }) => kind === 'train')) return 30;
  return needsOf(method.meta, options).includes('calibration') ? 6 : 1;
}

function trainingSteps({ work }: PlannedStep): number | undefined {
  const trained = work.flatMap((one) => (one.kind === 'train' ? [one.settings.steps] : []));
  return trained.length > 0 ? trained.reduce((a, b) => a + b, 0) : undefined;
}

/** How long stages took in earlier runs: kept beside the trials, and only what is told of time left depends on it. */
export class StageTimes {
  private constructor(
    private readonly storage: Storage,
    private readonly times: Times,
  ) {}

  /** What cannot be read counts as nothing. */
  static async read(storage: Storage): Promise<StageTimes> {
    const file = await storage.open(PATH);
    const text = file && new TextDecoder().decode(await file.read(0, file.byteLength));
    const known = TimesSchema.safeParse(parseJson(text ?? ''));
    return new StageTimes(storage, known.data ?? { version: 1, own: [], any: {} });
  }

  /** Stages with the seconds they are expected to take, where any are known: of the same model, else of others. */
  expected<Stage extends TimedStage>(stages: readonly Stage[]): Stage[] {
    const own = new Map(this.times.own);
    return stages.map((stage) => {
      const { [stage.name]: any } = this.times.any;
      const rate: number | undefined = own.get(keyOf(stage)) ?? any;
      return rate === undefined ? stage : { ...stage, seconds: rate * stage.units };
    });
  }

  /** Learns what a finished job took. */
  async learn(
    stages: readonly TimedStage[],
    bar: Pick<JobProgressBar, 'secondsOf'>,
  ): Promise<void> {
    const own = new Map(this.times.own);
    const any = new Map(Object.entries(this.times.any));
    for (const [index, stage] of stages.entries()) {
      const seconds = bar.secondsOf(index);
      if (seconds === undefined || seconds <= 0) continue;
      const rate = seconds / stage.units;
      renew(own, keyOf(stage), rate);
      renew(any, stage.name, rate);
    }
    const times = { version: 1, own: [...own].slice(-MOST), any: Object.fromEntries(any) };
    await this.storage.write(PATH, [new TextEncoder().encode(JSON.stringify(times))]);
  }
}

/** Moves a rate towards a newer one, and to the end. */
function renew(rates: Map<string, number>, key: string, rate: number): void {
  const before = rates.get(key);
  rates.delete(key);
  rates.set(key, before === undefined ? rate : before + NEWER * (rate - before));
}

function keyOf({ of, name }: TimedStage): string {
  return `${of} ${name}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
