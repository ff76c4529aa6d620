import {
  CartesianGrid,
  ErrorBar,
  Label,
  ReferenceDot,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import type { ComponentProps } from 'react';
import { formatBytes, isShare, significant } from '../../../format/format.ts';
import { niceTicks, staircase, type FrontierPoint } from '../../../frontier/points.ts';
import type { Quality } from '../../../frontier/quality.ts';
import { en } from '../../../strings/en.ts';
import { useSize, type Size } from '../../../charts/use-size.ts';
import { AxisTick, PointMark } from './point-mark.tsx';
import { PointTip } from './point-tip.tsx';
import styles from './frontier-tab.module.css';

interface FrontierChartProps {
  readonly points: readonly FrontierPoint[];
  readonly quality: Quality;
  readonly originalBytes: number;
  readonly forecastBytes: number | undefined;
  readonly selected: string | undefined;
  readonly onRecall: (id: string) => void;
}

export function FrontierChart(props: FrontierChartProps) {
  const [observe, size] = useSize();
  return (
    <figure ref={observe} className={styles.chart} aria-label={en.frontier.chartLabel}>
      {size && <Plot {...props} size={size} />}
      {props.points.length > 0 && <figcaption>{barsCaption(props.points)}</figcaption>}
      {props.points.length === 0 && <p className={styles.empty}>{en.frontier.empty}</p>}
    </figure>
  );
}

function barsCaption(points: readonly FrontierPoint[]): string {
  return points.some(({ difference }) => difference !== undefined)
    ? en.frontier.pairedBars
    : en.frontier.ownBars;
}

function Plot(props: FrontierChartProps & { size: Size }) {
  const { points, quality, originalBytes, forecastBytes, selected, onRecall } = props;
  const largest = Math.max(originalBytes, forecastBytes ?? 0, ...points.map(({ bytes }) => bytes));
  const sizes = niceTicks(0, largest * 1.02, 7);
  const values = valueTicks(points);
  return (
    <ScatterChart {...props.size} margin={MARGIN} accessibilityLayer={false}>
      <CartesianGrid stroke="var(--line)" strokeDasharray="2 4" />
      {sizeAxis(sizes)}
      {qualityAxis(quality, values, points.length === 0)}
      <Tooltip content={<PointTip quality={quality} />} cursor={false} isAnimationActive={false} />
      <Scatter data={frameOf(sizes, values)} {...INVISIBLE} />
      <Scatter
        data={staircase(points.filter(({ onFrontier }) => onFrontier))}
        line={{ stroke: 'var(--accent)', strokeWidth: 1.5, strokeOpacity: 0.6 }}
        {...INVISIBLE}
      />
      <Scatter
        data={[...points]}
        isAnimationActive={false}
        shape={(shape: { cx?: number; cy?: number; payload?: FrontierPoint }) => (
          <PointMark {...shape} selected={selected} onRecall={onRecall} />
        )}
      >
        <ErrorBar
          dataKey="bar"
          direction="y"
          width={6}
          stroke="var(--text-2)"
          strokeWidth={1}
          isAnimationActive={false}
        />
      </Scatter>
      {points.length === 0 &&
        sizeMark(
          originalBytes,
          floorOf(quality, values),
          <AxisTick label={en.frontier.original} />,
        )}
      {forecastBytes !== undefined &&
        sizeMark(
          forecastBytes,
          floorOf(quality, values),
          <AxisTick label={forecastLabel(forecastBytes)} accent />,
        )}
    </ScatterChart>
  );
}

const MARGIN = { top: 16, right: 24, bottom: 28, left: 12 };
const INVISIBLE = {
  shape: () => null,
  isAnimationActive: false,
  tooltipType: 'none',
} as const;

function sizeAxis(sizes: readonly number[]) {
  return (
    <XAxis
      type="number"
      dataKey="bytes"
      domain={domainOf(sizes)}
      ticks={[...sizes]}
      tickFormatter={formatBytes}
      tick={TICK}
      stroke="var(--line-strong)"
    >
      <Label value={en.frontier.size} position="insideBottom" offset={-18} {...LABEL} />
    </XAxis>
  );
}

/** The better end is up, whichever way the metric counts. */
function qualityAxis(quality: Quality, values: readonly number[], hidden: boolean) {
  const percent = isShare(quality.name);
  return (
    <YAxis
      type="number"
      dataKey="value"
      domain={domainOf(values)}
      ticks={[...values]}
      reversed={quality.better === 'lower'}
      allowDataOverflow
      tickFormatter={(value: number) => tickText(value, percent, hidden)}
      tick={TICK}
      stroke="var(--line-strong)"
      width={56}
    >
      <Label value={en.metrics[quality.name]} angle={-90} position="insideLeft" {...LABEL} />
    </YAxis>
  );
}

/** A mark on the size axis for what has a size and no measured quality. */
function sizeMark(
  bytes: number,
  floor: number,
  shape: ComponentProps<typeof ReferenceDot>['shape'],
) {
  return <ReferenceDot x={bytes} y={floor} ifOverflow="visible" shape={shape} />;
}

function floorOf({ better }: Quality, values: readonly number[]): number {
  return (better === 'lower' ? values.at(-1) : values.at(0)) ?? 0;
}

function forecastLabel(bytes: number): string {
  return `${en.frontier.forecast.toLowerCase()} ${formatBytes(bytes)}`;
}

const TICK = { fill: 'var(--text-3)', fontSize: 11 };
const LABEL = { fill: 'var(--text-2)', fontSize: 12 };

/** Error bars must fit in; without points any scale will do, and it gets no numbers. */
function valueTicks(points: readonly FrontierPoint[]): number[] {
  if (points.length === 0) return [0, 0.25, 0.5, 0.75, 1];
  const low = points.map(({ value, bar }) => value - bar);
  const high = points.map(({ value, bar }) => value + bar);
  return niceTicks(Math.min(...low), Math.max(...high), 6);
}

function domainOf(ticks: readonly number[]): [number, number] {
  return [ticks.at(0) ?? 0, ticks.at(-1) ?? 1];
}

/** Axes are drawn only where there is data: this stands in for it, invisibly. */
function frameOf(sizes: readonly number[], values: readonly number[]) {
  return [
    { bytes: sizes.at(0) ?? 0, value: values.at(0) ?? 0 },
    { bytes: sizes.at(-1) ?? 1, value: values.at(-1) ?? 1 },
  ];
}

function tickText(value: number, percent: boolean, hidden: boolean): string {
  if (hidden) return '';
  return percent ? `${significant(value * 100)} %` : significant(value);
}
