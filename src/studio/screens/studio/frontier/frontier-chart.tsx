import { CartesianGrid, Scatter, ScatterChart, Tooltip, XAxis, YAxis } from 'recharts';
import { memo, useDeferredValue, useMemo } from 'react';
import { formatBytes, formatTick, isShare } from '../../../format/format.ts';
import { niceTicks, type FrontierPoint } from '../../../frontier/points.ts';
import type { Quality } from '../../../frontier/quality.ts';
import { qualityScale, type QualityScale } from '../../../frontier/scale.ts';
import { en } from '../../../strings/en.ts';
import { useSize, type Size } from '../../../charts/use-size.ts';
import { QualityTick, SizeTick, Titles, type TickProps } from './axis-text.tsx';
import { FRAME, stepsOf, type Frame } from './chart-frame.ts';
import { labelsOf, type AxisMark } from './chart-labels.ts';
import { PointMark, SizeMark } from './point-mark.tsx';
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
        {size && <DeferredPlot {...props} size={size} />}
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

type PlotProps = FrontierChartProps & { readonly size: Size };

/** Drawing the chart takes longer than a frame: numbers and buttons do not wait for it. */
function DeferredPlot(props: PlotProps) {
  return (
    <Plot
      {...props}
      points={useDeferredValue(props.points)}
      quality={useDeferredValue(props.quality)}
      forecastBytes={useDeferredValue(props.forecastBytes)}
      selected={useDeferredValue(props.selected)}
    />
  );
}

const Plot = memo(function Plot(props: PlotProps) {
  const { points, quality, selected, onRecall, size } = props;
  const { frame, labels, marks } = useLayout(props);
  return (
    <ScatterChart {...size} margin={FRAME.margin} accessibilityLayer={false}>
      <CartesianGrid stroke="var(--line)" strokeDasharray="2 4" />
      {sizeAxis(frame)}
      {qualityAxis(frame, quality, points.length === 0)}
      <Titles frame={frame} quality={quality} />
      <Tooltip content={<PointTip quality={quality} />} cursor={false} isAnimationActive={false} />
      <path className={styles.line} d={stepsOf(frame, points)} data-frontier />
      <Scatter
        data={points.length === 0 ? corners(frame) : placed(points, frame)}
        isAnimationActive={false}
        shape={(shape: { payload?: FrontierPoint }) => (
          <PointMark
            frame={frame}
            point={shape.payload}
            label={labels.get(shape.payload?.id ?? '')}
            selected={selected}
            onRecall={onRecall}
          />
        )}
      />
      {marks.map((mark) => (
        <SizeMark key={mark.id} frame={frame} mark={mark} label={labels.get(mark.id)} />
      ))}
    </ScatterChart>
  );
});

/** Axes, marks on the size axis, and where every name goes. */
function useLayout(props: PlotProps) {
  const { points, quality, originalBytes, forecastBytes, selected, size } = props;
  return useMemo(() => {
    const marks = axisMarks(points.length === 0 ? originalBytes : undefined, forecastBytes);
    const largest = Math.max(originalBytes, ...[...points, ...marks].map(({ bytes }) => bytes));
    const scale = qualityScale(points, quality.better);
    const frame: Frame = {
      scale,
      sizes: niceTicks(0, largest * 1.02, size.width < 480 ? 4 : 7),
      lowerIsBetter: quality.better === 'lower',
      size,
    };
    return { frame, marks, labels: labelsOf(frame, points, marks, selected) };
  }, [points, quality, originalBytes, forecastBytes, selected, size]);
}

function axisMarks(original: number | undefined, forecast: number | undefined): AxisMark[] {
  const marks: AxisMark[] = [];
  if (original !== undefined) {
    marks.push({ id: 'mark:original', bytes: original, text: en.frontier.original });
  }
  if (forecast !== undefined) {
    const text = `${en.frontier.forecast.toLowerCase()} ${formatBytes(forecast)}`;
    marks.push({ id: 'mark:forecast', bytes: forecast, text, accent: true });
  }
  return marks;
}

function sizeAxis({ sizes }: Frame) {
  return (
    <XAxis
      type="number"
      dataKey="bytes"
      domain={[sizes[0], sizes[sizes.length - 1]]}
      ticks={[...sizes]}
      interval={0}
      tick={(tick: TickProps) => <SizeTick {...tick} />}
      stroke="var(--line-strong)"
      height={FRAME.axisHeight}
    />
  );
}

/** The better end is up, whichever way the metric counts. */
function qualityAxis({ scale, lowerIsBetter }: Frame, { name }: Quality, hidden: boolean) {
  const texts = new Map(
    scale.ticks.map((value) => [
      scale.place(value),
      hidden ? '' : tickText(value, isShare(name), scale),
    ]),
  );
  return (
    <YAxis
      type="number"
      dataKey="place"
      domain={[...scale.domain]}
      ticks={[...texts.keys()]}
      interval={0}
      reversed={lowerIsBetter}
      allowDataOverflow
      tick={(tick: TickProps) => (
        <QualityTick {...tick} text={texts.get(tick.payload?.value ?? NaN) ?? ''} />
      )}
      stroke="var(--line-strong)"
      width={FRAME.axisWidth}
    />
  );
}

/** Axes are drawn only where there is data: this stands in for it, invisibly. */
function corners({ sizes, scale: { domain } }: Frame) {
  return [
    { bytes: sizes[0], place: domain[0] },
    { bytes: sizes[sizes.length - 1], place: domain[1] },
  ];
}

function placed(points: readonly FrontierPoint[], { scale }: Frame) {
  return points.map((point) => ({ ...point, place: scale.place(point.value) }));
}

function tickText(value: number, percent: boolean, { logarithmic, ticks }: QualityScale): string {
  const scale = percent ? 100 : 1;
  const unit = percent ? ' %' : '';
  // Ticks of a logarithmic axis have one or two digits by themselves.
  if (logarithmic) return `${Number((value * scale).toPrecision(2))}${unit}`;
  return `${formatTick(value * scale, (ticks[1] - ticks[0]) * scale)}${unit}`;
}
