import {
  CartesianGrid,
  ErrorBar,
  Label,
  ReferenceDot,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { formatBytes, isShare, significant } from '../../../format/format.ts';
import { niceTicks, staircase, type FrontierPoint } from '../../../frontier/points.ts';
import type { Quality } from '../../../frontier/quality.ts';
import { en } from '../../../strings/en.ts';
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
  const { points, quality, originalBytes, forecastBytes, selected, onRecall } = props;
  const largest = Math.max(originalBytes, forecastBytes ?? 0, ...points.map(({ bytes }) => bytes));
  const sizes = niceTicks(0, largest * 1.02, 7);
  const values = valueTicks(points);
  // The better end is up, whichever way the metric counts.
  const reversed = quality.better === 'lower';
  const floor = (reversed ? values.at(-1) : values.at(0)) ?? 0;
  const frontier = staircase(points.filter(({ onFrontier }) => onFrontier));
  const percent = isShare(quality.name);
  return (
    <figure className={styles.chart} aria-label={en.frontier.chartLabel}>
      <ResponsiveContainer width="100%" height="100%">
        <ScatterChart
          margin={{ top: 16, right: 24, bottom: 28, left: 12 }}
          accessibilityLayer={false}
        >
          <CartesianGrid stroke="var(--line)" strokeDasharray="2 4" />
          <XAxis
            type="number"
            dataKey="bytes"
            domain={domainOf(sizes)}
            ticks={sizes}
            tickFormatter={formatBytes}
            tick={TICK}
            stroke="var(--line-strong)"
          >
            <Label value={en.frontier.size} position="insideBottom" offset={-18} {...LABEL} />
          </XAxis>
          <YAxis
            type="number"
            dataKey="value"
            domain={domainOf(values)}
            ticks={values}
            reversed={reversed}
            allowDataOverflow
            tickFormatter={(value: number) => tickText(value, percent, points.length === 0)}
            tick={TICK}
            stroke="var(--line-strong)"
            width={56}
          >
            <Label value={en.metrics[quality.name]} angle={-90} position="insideLeft" {...LABEL} />
          </YAxis>
          <Tooltip
            content={<PointTip quality={quality} />}
            cursor={false}
            isAnimationActive={false}
          />
          <Scatter
            data={frameOf(sizes, values)}
            shape={() => null}
            isAnimationActive={false}
            tooltipType="none"
          />
          <Scatter
            data={frontier}
            line={{ stroke: 'var(--accent)', strokeWidth: 1.5, strokeOpacity: 0.6 }}
            shape={() => null}
            isAnimationActive={false}
            tooltipType="none"
          />
          <Scatter
            data={[...points]}
            isAnimationActive={false}
            shape={(shape: { cx?: number; cy?: number; payload?: FrontierPoint }) => (
              <PointMark {...shape} selected={selected} onRecall={onRecall} />
            )}
          >
            <ErrorBar
              dataKey="standardError"
              direction="y"
              width={6}
              stroke="var(--text-2)"
              strokeWidth={1}
              isAnimationActive={false}
            />
          </Scatter>
          {points.length === 0 && (
            <ReferenceDot
              x={originalBytes}
              y={floor}
              ifOverflow="visible"
              shape={<AxisTick label={en.frontier.original} />}
            />
          )}
          {forecastBytes !== undefined && (
            <ReferenceDot
              x={forecastBytes}
              y={floor}
              ifOverflow="visible"
              shape={
                <AxisTick
                  label={`${en.frontier.forecast.toLowerCase()} ${formatBytes(forecastBytes)}`}
                  accent
                />
              }
            />
          )}
        </ScatterChart>
      </ResponsiveContainer>
      {points.length === 0 && <p className={styles.empty}>{en.frontier.empty}</p>}
    </figure>
  );
}

const TICK = { fill: 'var(--text-3)', fontSize: 11 };
const LABEL = { fill: 'var(--text-2)', fontSize: 12 };

/** Error bars must fit in; without points any scale will do, and it gets no numbers. */
function valueTicks(points: readonly FrontierPoint[]): number[] {
  if (points.length === 0) return [0, 0.25, 0.5, 0.75, 1];
  const low = points.map(({ value, standardError }) => value - standardError);
  const high = points.map(({ value, standardError }) => value + standardError);
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
