import type { FrontierData } from '../../../frontier/data.ts';
import { layoutOf } from '../../../frontier/layout.ts';
import type { AxisMark } from '../../../frontier/marks.ts';
import { USUAL } from '../../../frontier/camera.ts';
import { captionOf, qualityInside, valueText } from '../../../frontier/texts.ts';
import { frontierWords as words } from '../../../strings/en-frontier.ts';
import { FIGURE_FONT } from '../../../charts/figure.ts';
import { textWidth } from '../../../charts/text-width.ts';
import { LABEL_SIZE } from './plot-axes.tsx';
import { PlotBody } from './plot-body.tsx';

interface FrontierFigureProps {
  readonly data: FrontierData;
  readonly marks: readonly AxisMark[];
  readonly originalBytes: number;
  readonly selected: string | undefined;
  readonly model: string;
  /** As it is to be printed. */
  readonly date: string;
  readonly measure?: (text: string) => number;
}

const SIZE = { width: 960, height: 600 } as const;
const HEAD = 60;
/** Three lines at most. */
const FOOT = 52;
const CAPTION = { fill: 'var(--text-3)', fontSize: 11 } as const;

/** The chart for a paper or a page: it says itself what it is of, from when, and how to read it. */
export function FrontierFigure(props: FrontierFigureProps) {
  const { data, marks, model, date, ...rest } = props;
  const { points, of } = data;
  const measure = props.measure ?? ((text: string) => textWidth(text, LABEL_SIZE, FIGURE_FONT));
  const size = { width: SIZE.width, height: SIZE.height - HEAD - FOOT };
  const layout = layoutOf({
    ...{ points, of, marks, size, measure, camera: USUAL, same: words.same, ...rest },
    valueOf: (point) => valueText(of, point),
  });
  const across = of.setup ? words.figure.time : words.figure.size;
  const title = words.figure.title(model, qualityInside(of), across);
  const facts = [
    ...(data.data === undefined ? [] : [words.figure.of(data.data, data.n ?? 0)]),
    words.figure.drawn(date),
  ];
  return (
    <svg {...SIZE} viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={title}>
      <rect {...SIZE} fill="var(--surface-2)" />
      <text x={24} y={28} fill="var(--text)" fontSize={16} fontWeight={600}>
        {title}
      </text>
      <text x={24} y={48} fill="var(--text-2)" fontSize={12}>
        {facts.join(' · ')}
      </text>
      <g transform={`translate(0 ${HEAD})`}>
        <PlotBody
          layout={layout}
          of={of}
          originalBytes={props.originalBytes}
          selected={props.selected}
        />
      </g>
      {captionOf(points, of, layout.band !== undefined).map((line, at) => (
        <text key={line} x={24} y={SIZE.height - FOOT + 14 + 14 * at} {...CAPTION}>
          {line}
        </text>
      ))}
    </svg>
  );
}
