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
import { useMemo } from 'react';
import { formatBytes, isShare, significant } from '../../../format/format.ts';
import type { LabelPlace } from '../../../frontier/labels.ts';
import { niceTicks, staircase, type FrontierPoint } from '../../../frontier/points.ts';
import type { Quality } from '../../../frontier/quality.ts';
import { qualityScale, type QualityScale } from '../../../frontier/scale.ts';
import { en } from '../../../strings/en.ts';
import { useSize, type Size } from '../../../charts/use-size.ts';
import { LABEL_SIZE, labelsOf, type AxisMark } from './chart-labels.ts';
import { FRAME, type Frame } from './chart-frame.ts';
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
    <figure className={styles.chart} aria-label={en.frontier.chartLabel}>
      <div ref={observe} className={styles.plot}>
        {size && <Plot {...props} size={size} />}
        {props.points.length === 0 && <p className={styles.empty}>{en.frontier.empty}</p>}
      </div>
      {props.points.length > 0 && <figcaption>{barsCaption(props.points)}</figcaption>}
    </figure>
  );
}

function barsCaption(points: readonly FrontierPoint[]): string {
  return points.some(({ difference }) => difference !== undefined)
    ? en.frontier.pairedBars
    : en.frontier.ownBars;
}

/** A point where it is drawn. */
interface Drawn extends FrontierPoint {
  readonly place: number;
  /** Below and above, in the units of the axis. */
  readonly bars: readonly [number, number];
}

function drawn(point: FrontierPoint, { place }: QualityScale): Drawn {
  const [low, here, high] = [-1, 0, 1].map((sign) => place(point.value + sign * point.bar));
  return { ...point, place: here, bars: [here - low, high - here] };
}

function Plot(props: FrontierChartProps & { size: Size }) {
  const { points, quality, selected, onRecall } = props;
  const { frame, labels, marks } = useLayout(props);
  const { scale } = frame;
  const onFrontier = points.filter((point) => point.onFrontier);
  return (
    <ScatterChart {...props.size} margin={FRAME.margin} accessibilityLayer={false}>
      <CartesianGrid stroke="var(--line)" strokeDasharray="2 4" />
      {sizeAxis(frame.sizes)}
      {qualityAxis(quality, scale, points.length === 0)}
      <Tooltip content={<PointTip quality={quality} />} cursor={false} isAnimationActive={false} />
      <Scatter data={corners(frame)} {...INVISIBLE} />
      <Scatter
        data={staircase(onFrontier).map(({ bytes, value }) => ({
          bytes,
          place: scale.place(value),
        }))}
        line={{ stroke: 'var(--accent)', strokeWidth: 1.5, strokeOpacity: 0.6 }}
        {...INVISIBLE}
      />
      <Scatter
        data={points.map((point) => drawn(point, scale))}
        isAnimationActive={false}
        shape={(shape: { cx?: number; cy?: number; payload?: FrontierPoint }) => (
          <PointMark
            {...shape}
            label={labels.get(shape.payload?.id ?? '')}
            selected={selected}
            onRecall={onRecall}
          />
        )}
      >
        <ErrorBar
          dataKey="bars"
          direction="y"
          width={6}
          stroke="var(--text-2)"
          strokeWidth={1}
          isAnimationActive={false}
        />
      </Scatter>
      {marks.map((mark) => sizeMark(mark, frame.floor, labels.get(mark.id)))}
    </ScatterChart>
  );
}

/** Axes, marks on the size axis, and where every name goes. */
function useLayout(props: FrontierChartProps & { size: Size }) {
  const { points, quality, originalBytes, forecastBytes, selected, size } = props;
  return useMemo(() => {
    const marks: AxisMark[] = [
      ...(points.length === 0
        ? [{ id: 'mark:original', bytes: originalBytes, text: en.frontier.original }]
        : []),
      ...(forecastBytes === undefined
        ? []
        : [
            {
              id: 'mark:forecast',
              bytes: forecastBytes,
              text: forecastLabel(forecastBytes),
              accent: true,
            },
          ]),
    ];
    const largest = Math.max(originalBytes, ...[...points, ...marks].map(({ bytes }) => bytes));
    const scale = qualityScale(points, quality.better);
    const frame: Frame = {
      scale,
      sizes: niceTicks(0, largest * 1.02, size.width < 480 ? 4 : 7),
      lowerIsBetter: quality.better === 'lower',
      floor: scale.domain[quality.better === 'lower' ? 1 : 0],
      size,
    };
    return { frame, marks, labels: labelsOf(frame, points, marks, selected) };
  }, [points, quality, originalBytes, forecastBytes, selected, size]);
}

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
      domain={[sizes.at(0) ?? 0, sizes.at(-1) ?? 1]}
      ticks={[...sizes]}
      tickFormatter={formatBytes}
      tick={TICK}
      stroke="var(--line-strong)"
      height={FRAME.axisHeight}
    >
      <Label value={en.frontier.size} position="insideBottom" offset={-18} {...LABEL} />
    </XAxis>
  );
}

/** The better end is up, whichever way the metric counts. */
function qualityAxis(quality: Quality, scale: QualityScale, hidden: boolean) {
  const percent = isShare(quality.name);
  const valueOf = new Map(scale.ticks.map((value) => [scale.place(value), value]));
  const title = en.metrics[quality.name];
  return (
    <YAxis
      type="number"
      dataKey="place"
      domain={[...scale.domain]}
      ticks={[...valueOf.keys()]}
      interval={0}
      reversed={quality.better === 'lower'}
      allowDataOverflow
      tickFormatter={(place: number) =>
        hidden ? '' : tickText(valueOf.get(place) ?? place, percent, scale)
      }
      tick={TICK}
      stroke="var(--line-strong)"
      width={FRAME.axisWidth}
    >
      <Label
        value={scale.logarithmic ? en.frontier.logarithmic(title) : title}
        angle={-90}
        position="insideLeft"
        style={{ textAnchor: 'middle' }}
        {...LABEL}
      />
    </YAxis>
  );
}

/** A mark on the size axis for what has a size and no measured quality. */
function sizeMark(
  { id, bytes, text, accent }: AxisMark,
  floor: number,
  label: LabelPlace | undefined,
) {
  return (
    <ReferenceDot
      key={id}
      x={bytes}
      y={floor}
      ifOverflow="visible"
      shape={<AxisTick text={text} label={label} accent={accent} />}
    />
  );
}

function forecastLabel(bytes: number): string {
  return `${en.frontier.forecast.toLowerCase()} ${formatBytes(bytes)}`;
}

const TICK = { fill: 'var(--text-3)', fontSize: LABEL_SIZE };
const LABEL = { fill: 'var(--text-2)', fontSize: 12 };

/** Axes are drawn only where there is data: this stands in for it, invisibly. */
function corners({ sizes, scale: { domain } }: Frame) {
  return [
    { bytes: sizes.at(0) ?? 0, place: domain[0] },
    { bytes: sizes.at(-1) ?? 1, place: domain[1] },
  ];
}

function tickText(value: number, percent: boolean, { logarithmic }: QualityScale): string {
  if (percent) return `${significant(value * 100)} %`;
  // Ticks of a logarithmic axis have one or two digits by themselves.
  return logarithmic ? String(value) : significant(value);
}
