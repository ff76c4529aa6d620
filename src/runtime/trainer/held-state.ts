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

const NEXT = [VALUES.nextTheta, VALUES.nextM, VALUES.nextV];

/** θ, m, v where they lie. What a step replaces is freed: on a GPU nobody else would. */
export class HeldState {
  theta: Value | DeviceValue;
  step: number;
  #lossScale: LossScale;
  #m: Value | DeviceValue;
  #v: Value | DeviceValue;

  constructor({ theta, m, v, step, lossScale = FIRST_LOSS_SCALE }: TrainingState) {
    this.#lossScale = lossScale;
    this.theta = vector(theta);
    this.#m = vector(m);
    this.#v = vector(v);
    this.step = step;
  }

  feeds(): Record<string, Value | DeviceValue> {
    return { [VALUES.theta]: this.theta, [VALUES.m]: this.#m, [VALUES.v]: this.#v };
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
    if (isFiniteStep(step)) this.#advance(results);
    else for (const name of NEXT) results[name].dispose();
    return step;
  }

  #advance(results: Readonly<Record<string, DeviceValue>>): void {
    this.#free();
    this.theta = results[VALUES.nextTheta];
    this.#m = results[VALUES.nextM];
    this.#v = results[VALUES.nextV];
    this.step += 1;
    this.#lossScale = afterGoodStep(this.#lossScale);
  }

  async read(): Promise<TrainingState> {
    const [theta, m, v] = [await copy(this.theta), await copy(this.#m), await copy(this.#v)];
    return { theta, m, v, step: this.step, lossScale: this.#lossScale };
  }

  async release(sessions: readonly Session[]): Promise<void> {
    this.#free();
    for (const session of sessions) await session.release();
  }

  #free(): void {
    for (const value of [this.theta, this.#m, this.#v]) dispose(value);
  }
}

export function dispose(value: Value | DeviceValue): void {
  if ('dispose' in value) value.dispose();
}

async function copy(value: Value | DeviceValue): Promise<Float32Array> {
  const { data } = 'read' in value ? await value.read() : value;
  return Float32Array.from(data as Float32Array);
}
