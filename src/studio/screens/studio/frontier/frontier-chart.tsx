import {
  memo,
  useCallback,
  useDeferredValue,
  useMemo,
  useRef,
  useState,
  type RefObject,
} from 'react';
import { textWidth } from '../../../charts/text-width.ts';
import { useSize, type Size } from '../../../charts/use-size.ts';
import type { FrontierData } from '../../../frontier/data.ts';
import { createHover, type Hover } from '../../../frontier/hover.ts';
import { layoutOf, type Layout } from '../../../frontier/layout.ts';
import type { AxisMark } from '../../../frontier/marks.ts';
import { neighbour } from '../../../frontier/neighbour.ts';
import type { ChartOf, FrontierPoint } from '../../../frontier/points.ts';
import { captionOf, valueText } from '../../../frontier/texts.ts';
import { frontierWords as words } from '../../../strings/en-frontier.ts';
import { ChartBar } from './chart-bar.tsx';
import { LABEL_SIZE } from './plot-axes.tsx';
import { PlotBody } from './plot-body.tsx';
import { Spotlight, type PointActions } from './point-mark.tsx';
import { PointTip } from './point-tip.tsx';
import { useCamera, type CameraControl } from './use-camera.ts';
import { useGestures } from './use-gestures.ts';
import styles from './frontier-tab.module.css';

export interface FrontierChartProps {
  readonly data: FrontierData;
  readonly originalBytes: number;
  readonly marks: readonly AxisMark[];
  readonly selected: string | undefined;
  readonly onBench: string | undefined;
  readonly onShow: (id: string) => void;
  readonly onLoad: (id: string) => void;
}

export function FrontierChart(props: FrontierChartProps) {
  const { data } = props;
  const [observe, size] = useSize();
  const { quality, as, setup } = data.of;
  const control = useCamera(`${quality.name} ${as} ${setup?.device ?? ''}`);
  const picture = usePicture(props, control, size);
  const drawn = picture && data.points.length > 0 ? picture.layout.frame : undefined;
  return (
    <>
      <ChartBar data={data} frame={drawn} control={control} />
      <div className={styles.area}>
        <figure className={styles.chart} aria-label={words.chartLabel[setup ? 'time' : 'size']}>
          <div ref={observe} className={styles.plot}>
            {picture && <Plot {...props} {...picture} control={control} />}
            {data.points.length === 0 && <p className={styles.empty}>{words.empty}</p>}
          </div>
          {picture && data.points.length > 0 && <Caption data={data} layout={picture.layout} />}
        </figure>
      </div>
    </>
  );
}

/** A layout with what it is of. */
interface Picture {
  readonly layout: Layout;
  readonly of: ChartOf;
}

/** Drawing the chart takes longer than a frame: numbers and buttons do not wait for it. */
function usePicture(
  { data, originalBytes, marks, selected }: FrontierChartProps,
  { camera }: CameraControl,
  size: Size | undefined,
): Picture | undefined {
  const input = useMemo(
    () => ({ data, originalBytes, marks, selected, camera }),
    [data, originalBytes, marks, selected, camera],
  );
  const shown = useDeferredValue(input);
  return useMemo(() => {
    const { points, of } = shown.data;
    const valueOf = (point: FrontierPoint): string => valueText(of, point);
    const texts = { measure, valueOf, same: words.same };
    return size && { of, layout: layoutOf({ ...shown, ...texts, points, of, size }) };
  }, [shown, size]);
}

export function measure(text: string): number {
  return textWidth(text, LABEL_SIZE);
}

interface PlotProps extends FrontierChartProps, Picture {
  readonly control: CameraControl;
}

function Plot({ layout, of, control, ...props }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const [hover] = useState(createHover);
  const drag = useGestures(box, layout.frame, control);
  return (
    <div ref={box} className={styles.gestures}>
      <Drawing
        box={box}
        hover={hover}
        layout={layout}
        of={of}
        originalBytes={props.originalBytes}
        selected={props.selected}
        onShow={props.onShow}
      />
      {drag && (
        <svg className={styles.drag}>
          <rect {...drag} />
        </svg>
      )}
      <PointTip
        hover={hover}
        layout={layout}
        of={of}
        originalBytes={props.originalBytes}
        onBench={props.onBench}
        onLoad={props.onLoad}
      />
    </div>
  );
}

interface DrawingProps extends Pick<FrontierChartProps, 'originalBytes' | 'selected' | 'onShow'> {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly hover: Hover;
  readonly layout: Layout;
  readonly of: ChartOf;
}

/** Renders anew only when something moved: not for what one points at. */
const Drawing = memo(function Drawing(props: DrawingProps) {
  const { hover, layout, of, originalBytes, selected } = props;
  const actions = useActions(props);
  const { width, height } = layout.frame;
  return (
    <svg
      width={width}
      height={height}
      role="group"
      aria-label={words.pointsLabel}
      className={styles.svg}
    >
      <PlotBody
        layout={layout}
        of={of}
        originalBytes={originalBytes}
        selected={selected}
        actions={actions}
      />
      <Spotlight hover={hover} layout={layout} />
    </svg>
  );
});

function useActions({ box, hover, layout, onShow }: DrawingProps): PointActions {
  const { points } = layout;
  const go = useCallback(
    (id: string, key: string): boolean => {
      const next = neighbour(points, id, key);
      if (next === undefined) return false;
      const marks = box.current?.querySelectorAll<SVGGElement>('[data-point]') ?? [];
      for (const mark of marks) {
        const isNext = mark.dataset['point'] === next;
        mark.tabIndex = isNext ? 0 : -1;
        if (isNext) mark.focus();
      }
      return true;
    },
    [box, points],
  );
  return useMemo(
    () => ({
      ...{ show: onShow, go, enter: hover.point, leave: hover.leave, focus: hover.focus },
      blur: (next) => {
        if (!(next instanceof Element && next.closest('[data-tip]') !== null)) hover.blur();
      },
    }),
    [onShow, go, hover],
  );
}

function Caption({
  data: { points, of, untimed },
  layout,
}: {
  data: FrontierData;
  layout: Layout;
}) {
  const lines = [
    ...captionOf(points, of, layout.band !== undefined),
    ...(layout.frame.logarithmic ? [words.whyLogarithmic] : []),
    ...(untimed > 0 ? [words.untimed(untimed)] : []),
    ...(layout.outside > 0 ? [words.outside(layout.outside)] : []),
  ];
  return <figcaption>{lines.join(' · ')}</figcaption>;
}
