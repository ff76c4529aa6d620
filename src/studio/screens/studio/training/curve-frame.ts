import { niceTicks } from '../../../charts/nice-ticks.ts';
import type { HeldOutPoint, LossPoint } from '../../../state/training-log.ts';

/** Losses over the steps of a training. */
export interface Curves {
  readonly curve: readonly LossPoint[];
  readonly validation: readonly HeldOutPoint[];
  readonly steps: number;
}

const MARGIN = { top: 8, right: 12, bottom: 20, left: 44 };

/** Where things lie in a picture of this many pixels. */
export interface Frame {
  readonly x: (step: number) => number;
  readonly y: (loss: number) => number;
  readonly steps: readonly number[];
  readonly losses: readonly number[];
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

export function frameOf(
  { curve, validation, steps }: Curves,
  width: number,
  height: number,
): Frame | undefined {
  const ends = [
    ...curve.map(([, loss]) => loss),
    ...validation.flatMap(([, loss, error]) => [loss - error, loss + error]),
  ].filter(Number.isFinite);
  if (ends.length === 0) return undefined;
  const losses = niceTicks(Math.min(...ends), Math.max(...ends), height > 130 ? 4 : 3);
  const [low, high] = [losses[0], losses[losses.length - 1]];
  const [right, bottom] = [width - MARGIN.right, height - MARGIN.bottom];
  return {
    x: (step) => MARGIN.left + (step / steps) * (right - MARGIN.left),
    y: (loss) => bottom - ((loss - low) / (high - low)) * (bottom - MARGIN.top),
    steps: niceTicks(0, steps, width > 400 ? 8 : 4).filter(
      (step) => step <= steps && Number.isInteger(step),
    ),
    losses,
    ...{ left: MARGIN.left, right, bottom },
  };
}

/** More points than this are not told apart. */
const SHOWN = 300;

/** At most {@link SHOWN} points: means over equal stretches, so that noise does not become a block of ink. */
export function thinned(curve: readonly LossPoint[]): readonly LossPoint[] {
  const width = Math.ceil(curve.length / SHOWN);
  if (width <= 1) return curve;
  const parts = Array.from({ length: Math.ceil(curve.length / width) }, (_, at) =>
    curve.slice(at * width, (at + 1) * width),
  );
  return parts.map((part) => {
    const mean = part.reduce((sum, [, loss]) => sum + loss, 0) / part.length;
    return [part[part.length - 1][0], mean];
  });
}
