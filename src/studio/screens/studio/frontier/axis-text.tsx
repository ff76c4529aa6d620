import { formatBytes } from '../../../format/format.ts';
import type { Quality } from '../../../frontier/quality.ts';
import { en } from '../../../strings/en.ts';
import { plotArea, type Frame } from './chart-frame.ts';
import { LABEL_SIZE } from './chart-labels.ts';

/** Given by the chart. Its own texts measure themselves in the page, which costs a layout each. */
export interface TickProps {
  readonly x?: number | string;
  readonly y?: number | string;
  readonly payload?: { readonly value: number };
}

const TICK = { fill: 'var(--text-3)', fontSize: LABEL_SIZE } as const;
const TITLE = { fill: 'var(--text-2)', fontSize: 12, textAnchor: 'middle' } as const;

export function SizeTick({ x, y, payload }: TickProps) {
  return (
    <text x={x} y={y} dy={9} textAnchor="middle" {...TICK}>
      {formatBytes(payload?.value ?? 0)}
    </text>
  );
}

export function QualityTick({ x, y, text }: TickProps & { text: string }) {
  return (
    <text x={x} y={y} dy={4} textAnchor="end" {...TICK}>
      {text}
    </text>
  );
}

/** What the axes show. */
export function Titles({ frame, quality }: { frame: Frame; quality: Quality }) {
  const { left, top, right, bottom } = plotArea(frame);
  const metric = en.metrics[quality.name];
  const title = frame.scale.logarithmic ? en.frontier.logarithmic(metric) : metric;
  return (
    <>
      <text x={(left + right) / 2} y={bottom + 46} {...TITLE}>
        {en.frontier.size}
      </text>
      <text transform={`translate(20 ${(top + bottom) / 2}) rotate(-90)`} {...TITLE}>
        {title}
      </text>
    </>
  );
}
