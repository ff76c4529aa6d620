import type { TrainingEvent } from '../engine/training/events.ts';

/** One line on stderr per look at held-out data: the curve, for people who watch a terminal. */
export function trainingLog(): (event: TrainingEvent) => void {
  return ({ step, steps, loss, validation, learningRate, labelsPerSecond }) => {
    if (validation === undefined) return;
    const { value, standardError } = validation.loss;
    const held = `held out ${value.toFixed(4)} ± ${standardError.toFixed(4)}`;
    const pace = `${Math.round(labelsPerSecond)} labels/s`;
    const terminal = process.stderr.isTTY === true ? '\r\u001b[2K' : '';
    process.stderr.write(
      `${terminal}step ${step} of ${steps} · loss ${loss.toFixed(4)} · ${held} · rate ${learningRate.toExponential(2)} · ${pace}\n`,
    );
  };
}
