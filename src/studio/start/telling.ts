import type { SampleFrontier } from '../../core/data/samples.ts';
import { BETTER } from '../../core/metrics/types.ts';
import { paretoFrontier } from '../../core/search/pareto.ts';

export type FrontierPoint = SampleFrontier['points'][number];

/** What still counts as good: a tenth more perplexity, a point of accuracy less. */
function isGood({ metric, original }: SampleFrontier, { value }: FrontierPoint): boolean {
  return metric === 'perplexity' ? value <= original.value * 1.1 : value >= original.value - 0.01;
}

/** The trial that says in one line what compressing is about: the smallest that is still good. */
export function tellingPoint(frontier: SampleFrontier): FrontierPoint {
  const best = bestPoints(frontier).filter((point) => 'name' in point);
  return best.find((point) => isGood(frontier, point)) ?? best.at(-1) ?? frontier.points[0];
}

type Plotted = SampleFrontier['original'] | FrontierPoint;

/** The frontier itself by ascending size, the original among its candidates. */
function bestPoints({ metric, original, points }: SampleFrontier): readonly FrontierPoint[] {
  const all: (Plotted & { readonly name?: string })[] = [original, ...points];
  return paretoFrontier(all, BETTER[metric]).filter(
    (point): point is FrontierPoint => point.name !== undefined,
  );
}

export interface Spot {
  readonly x: number;
  readonly y: number;
  /** Half the height of the bar of its standard error. */
  readonly error: number;
}

export interface Drawing {
  readonly original: Spot;
  readonly points: readonly (Spot & { readonly point: FrontierPoint; readonly best: boolean })[];
  /** Steps of the frontier, as the `d` of a path. */
  readonly line: string;
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Room on each side, in pixels. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Places for a small frontier: size to the right on a logarithmic axis, better quality up. */
export function drawFrontier(frontier: SampleFrontier, frame: Frame): Drawing {
  const { original, points, metric } = frontier;
  const x = toRange(
    [original, ...points].map(({ bytes }) => Math.log2(bytes)),
    [frame.left, frame.width - frame.right],
  );
  const ends = [original, ...points].flatMap(({ value, standardError }) => [
    value - standardError,
    value + standardError,
  ]);
  const [top, bottom] = [frame.top, frame.height - frame.bottom];
  const y = toRange(ends, BETTER[metric] === 'lower' ? [top, bottom] : [bottom, top]);
  const spot = ({ bytes, value, standardError }: Plotted): Spot => ({
    x: x(Math.log2(bytes)),
    y: y(value),
    error: Math.abs(y(value + standardError) - y(value)),
  });
  const best = bestPoints(frontier);
  return {
    original: spot(original),
    points: points.map((point) => ({ ...spot(point), point, best: best.includes(point) })),
    line: steps(best.map(spot), spot(original)),
  };
}

/** Between two sizes the smaller file is all one can have: the line goes right, then up. */
function steps(best: readonly Spot[], original: Spot): string {
  const [first = original, ...others] = best;
  const places = others.map(({ x, y }) => `H${short(x)}V${short(y)}`).join('');
  const { y: last } = best.at(-1) ?? original;
  // Where the original is no better than a smaller file it is not on the frontier.
  const up = original.y < last ? `V${short(original.y)}` : '';
  return `M${short(first.x)} ${short(first.y)}${places}H${short(original.x)}${up}`;
}

const short = (pixels: number): string => pixels.toFixed(1);

function toRange(
  values: readonly number[],
  [from, to]: readonly [number, number],
): (value: number) => number {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const span = most - least || 1;
  return (value) => from + ((value - least) / span) * (to - from);
}
