import type { TrainingVectors } from '../../core/training/between.ts';
import { VALUES } from '../../core/training/value-names.ts';
import {
  afterGoodStep,
  afterOverflow,
  FIRST_LOSS_SCALE,
  type LossScale,
} from '../../core/training/loss-scale.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { DeviceValue, Session } from '../types.ts';
import { vector } from './feeds.ts';
import type { TrainingState } from './state.ts';
import { isFiniteStep, type StepResult } from './step-result.ts';

/** What a step makes of a vector it reads, by the name of the input; what is not among them is held still. */
const NEXT: Readonly<Record<string, string>> = {
  [VALUES.theta]: VALUES.nextTheta,
  [VALUES.m]: VALUES.nextM,
  [VALUES.v]: VALUES.nextV,
  [VALUES.scores]: VALUES.nextScores,
};

type Held = Value | DeviceValue;

/** θ, m, v and what lies beside them, where they lie. What a step replaces is freed: on a GPU nobody else would. */
export class HeldState {
  step: number;
  #lossScale: LossScale;
  readonly #vectors = new Map<string, Held>();
  readonly #further: readonly string[];

  constructor({ step, lossScale = FIRST_LOSS_SCALE, ...vectors }: TrainingState) {
    this.#lossScale = lossScale;
    this.#further = Object.keys(vectors.further);
    this.#put(vectors);
    this.step = step;
  }

  feeds(): Record<string, Held> {
    return Object.fromEntries(this.#vectors);
  }

  /** What a forward pass reads: θ, and the mask where there is one. */
  weights(): Record<string, Held> {
    const { [VALUES.theta]: theta, [VALUES.mask]: mask } = this.feeds();
    return {
      [VALUES.theta]: theta,
      ...(this.#vectors.has(VALUES.mask) && { [VALUES.mask]: mask }),
    };
  }

  /** S, where the graph computes in float16. */
  get lossScale(): number {
    return this.#lossScale.scale;
  }

  /** Halves S. False when it cannot be what is wrong. */
  halveLossScale(): boolean {
    const halved = afterOverflow(this.#lossScale);
    this.#lossScale = halved ?? this.#lossScale;
    return halved !== undefined;
  }

  /** Goes on to the state that a step made, unless the step went wrong: then that is freed. */
  take(results: Readonly<Record<string, DeviceValue>>, step: StepResult): StepResult {
    for (const [name, next] of Object.entries(NEXT)) {
      if (!Object.hasOwn(results, next)) continue;
      if (isFiniteStep(step)) this.#replace(name, results[next]);
      else results[next].dispose();
    }
    if (isFiniteStep(step)) {
      this.step += 1;
      this.#lossScale = afterGoodStep(this.#lossScale);
    }
    return step;
  }

  /** Puts other vectors in place of those it has. */
  async revise(change: (state: TrainingState) => Partial<TrainingVectors>): Promise<void> {
    this.#put(change(await this.read()));
  }

  async read(): Promise<TrainingState> {
    const read = async (name: string): Promise<Float32Array> => copy(this.#vectors.get(name));
    const [theta, m, v] = [await read(VALUES.theta), await read(VALUES.m), await read(VALUES.v)];
    const further: Record<string, Float32Array> = {};
    for (const name of this.#further) further[name] = await read(name);
    return { theta, m, v, further, step: this.step, lossScale: this.#lossScale };
  }

  async release(sessions: readonly Session[]): Promise<void> {
    for (const value of this.#vectors.values()) dispose(value);
    for (const session of sessions) await session.release();
  }

  #put({ theta, m, v, further }: Partial<TrainingVectors>): void {
    const named = { [VALUES.theta]: theta, [VALUES.m]: m, [VALUES.v]: v, ...further };
    for (const [name, data] of Object.entries(named)) {
      if (data !== undefined) this.#replace(name, vector(data));
    }
  }

  #replace(name: string, value: Held): void {
    const before = this.#vectors.get(name);
    if (before !== undefined) dispose(before);
    this.#vectors.set(name, value);
  }
}

export function dispose(value: Held): void {
  if ('dispose' in value) value.dispose();
}

async function copy(value: Held | undefined): Promise<Float32Array> {
  if (value === undefined) return new Float32Array();
  const { data } = 'read' in value ? await value.read() : value;
  return Float32Array.from(data as Float32Array);
}
