import type { Layout, PlacedPoint } from '../../../frontier/layout.ts';
import type { Box } from '../../../frontier/labels.ts';
import type { ChartOf } from '../../../frontier/points.ts';
import { acrossTitle, pointName, qualityTitle } from '../../../frontier/texts.ts';
import { frontierWords as words } from '../../../strings/en-frontier.ts';
import { PlotAxes } from './plot-axes.tsx';
import { PlotGround } from './plot-ground.tsx';
import { PointMark, SizeMark, type PointActions } from './point-mark.tsx';

interface PlotBodyProps {
  readonly layout: Layout;
  readonly of: ChartOf;
  readonly originalBytes: number;
  readonly selected: string | undefined;
  readonly actions?: PointActions;
}

/** The drawing itself, on the page and in figures. */
export function PlotBody({ layout, of, originalBytes, selected, actions }: PlotBodyProps) {
  const { frame, path, points, marks } = layout;
  const first = firstOf(points, selected);
  return (
    <>
      <PlotGround layout={layout} />
      <PlotAxes
        frame={frame}
        titles={{
          x: acrossTitle(of.setup),
          ratios: of.setup ? words.timesOriginal : words.timesSmaller,
          y: qualityTitle(of, frame.logarithmic),
        }}
      />
      {marks.map((placed) => (
        <SizeMark key={placed.mark.id} placed={placed} />
      ))}
      <Line path={path} area={frame.area} />
      {points.map((placed) => (
        <PointMark
          key={placed.point.id}
          placed={placed}
          selected={placed.point.id === selected}
          name={pointName(placed.point, of, originalBytes)}
          first={placed.point.id === first}
          actions={actions}
        />
      ))}
    </>
  );
}

/** An SVG inside of the other cuts off what runs out of the plot. */
function Line({ path, area: { left, top, right, bottom } }: { path: string; area: Box }) {
  const place = { x: left, y: top, width: right - left, height: bottom - top };
  return (
    <svg {...place} viewBox={`${left} ${top} ${place.width} ${place.height}`}>
      <path
        d={path}
        fill="none"
        stroke="var(--accent)"
        strokeWidth={1.5}
        strokeOpacity={0.6}
        data-frontier
      />
    </svg>
  );
}

/** Where the keyboard enters the chart: at the shown trial, if one sees it. */
function firstOf(points: readonly PlacedPoint[], selected: string | undefined): string | undefined {
  const trials = points.filter(({ point }) => point.kind === 'trial');
  return (trials.find(({ point }) => point.id === selected) ?? trials[0])?.point.id;
}
