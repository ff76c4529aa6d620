import { formatBytes, formatLatency, formatMetric, formatRatio, signed } from '../format/format.ts';
import { en } from '../strings/en.ts';
import { frontierWords as words } from '../strings/en-frontier.ts';
import { changeFactor, isProportion } from './change.ts';
import type { TimeSetup, TrialTime } from './latency.ts';
import type { ChartOf, FrontierPoint } from './points.ts';
import type { Quality } from './quality.ts';

/** Change to the original in % of it or in points, and its standard error. */
export function changeText(
  { difference, value }: FrontierPoint,
  quality: Quality,
): string | undefined {
  if (difference === undefined) return undefined;
  const factor = changeFactor(quality, value - difference.value);
  const scaled = {
    value: difference.value * factor,
    standardError: difference.standardError * factor,
  };
  // Written as any number with an error; a share would be multiplied by a hundred again.
  const { value: text, error } = formatMetric('perplexity', { ...scaled, n: difference.n });
  const change = signed(difference.value, text);
  return isProportion(quality) ? `${words.points(change)} ${error}` : `${change} % ${error}`;
}

/** The difference in the metric's own units. */
export function differenceText({ difference }: FrontierPoint, { name }: Quality): string {
  if (difference === undefined) return '';
  const { value, error } = formatMetric(name, difference);
  return `${signed(difference.value, value)} ${error}`;
}

/** Whether the difference may be chance. */
export function isWithinErrors({ difference }: FrontierPoint): boolean | undefined {
  if (difference === undefined || !Number.isFinite(difference.standardError)) return undefined;
  return Math.abs(difference.value) <= 2 * difference.standardError;
}

export function smallerText(original: number, bytes: number): string {
  return bytes <= original
    ? words.smaller(formatRatio(original, bytes))
    : words.larger(formatRatio(bytes, original));
}

export function timeText({ milliseconds, ratio, same }: TrialTime): string {
  const against = same
    ? words.asFast(formatRatio(ratio, 1))
    : ratio > 1
      ? words.slower(formatRatio(ratio, 1))
      : words.faster(formatRatio(1, ratio));
  return `${formatLatency(milliseconds)}, ${against}`;
}

/** Title of the lower axis: what was timed, on what. */
export function acrossTitle(setup: TimeSetup | undefined): string {
  if (setup === undefined) return words.size;
  const input = setup.tokens === undefined ? words.oneInput : words.tokens(setup.tokens);
  const device = words.devices[setup.device] ?? setup.device;
  return words.time(input, setup.shipped ? `${device} ${words.onProject}` : device);
}

/** A metric inside of a sentence; short names of measures (KL, F₁) keep their capitals there. */
function inside({ name }: Quality): string {
  const metric = en.metrics[name];
  return /^[A-Z][a-z]/.test(metric) ? metric[0].toLowerCase() + metric.slice(1) : metric;
}

/** What the chart shows of quality, inside of a sentence. */
export function qualityInside({ quality, as }: ChartOf): string {
  return as === 'change' ? words.figure.change(inside(quality)) : inside(quality);
}

/** Title of the quality axis. */
export function qualityTitle({ quality, as }: ChartOf, logarithmic: boolean): string {
  const change = isProportion(quality) ? words.changeInPoints : words.changeOf;
  const title = as === 'change' ? change(inside(quality)) : en.metrics[quality.name];
  return logarithmic ? words.logarithmic(title) : title;
}

/** What is written beside a point off the scale. */
export function valueText(of: ChartOf, point: FrontierPoint): string {
  if (of.as === 'value') return formatMetric(of.quality.name, point).value;
  const text = signed(point.y, Math.abs(point.y) >= 100 ? point.y.toFixed(0) : point.y.toFixed(1));
  return isProportion(of.quality) ? text : `${text.replace('-', '−')} %`;
}

/** Everything about a point in one sentence, for those who hear it. */
export function pointName(point: FrontierPoint, of: ChartOf, originalBytes: number): string {
  const { value, error } = formatMetric(of.quality.name, point);
  const change = of.quality.ofOriginal === undefined ? changeText(point, of.quality) : undefined;
  const parts = [
    point.label,
    formatBytes(point.bytes),
    point.kind === 'original' ? undefined : smallerText(originalBytes, point.bytes),
    `${en.metrics[of.quality.name]} ${value}${point.n > 0 ? ` ${error}` : ''}`,
    change && `${change} ${words.against}`,
    point.time && timeText(point.time),
    point.kind === 'trial' ? standingText(point, of) : undefined,
    point.shipped ? words.shipped : undefined,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}

export function standingText({ onFrontier }: FrontierPoint, { setup }: ChartOf): string {
  return onFrontier ? words.onFrontier : words.dominated[setup ? 'time' : 'size'];
}

/** How the picture is to be read. */
export function captionOf(points: readonly FrontierPoint[], of: ChartOf, band: boolean): string[] {
  const paired = points.some(({ difference }) => difference !== undefined);
  return [
    paired ? words.pairedBars : words.ownBars,
    ...(band ? [words.band] : []),
    ...(of.setup ? [words.ratioNote] : []),
  ];
}
