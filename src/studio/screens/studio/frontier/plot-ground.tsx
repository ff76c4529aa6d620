import type { Layout } from '../../../frontier/layout.ts';
import { frontierWords as words } from '../../../strings/en-frontier.ts';
import { LABEL_SIZE } from './plot-axes.tsx';

/** What lies behind the points: the level of the original, the band of what is the same, the strip of what is off. */
export function PlotGround({ layout }: { layout: Layout }) {
  const { frame, band, original, bandLabel } = layout;
  const { left, right } = frame.area;
  return (
    <g>
      {band && (
        <rect
          data-band
          x={left}
          y={band.top}
          width={right - left}
          height={band.bottom - band.top}
          fill="var(--accent)"
          fillOpacity={0.08}
        />
      )}
      {original !== undefined && (
        <line
          x1={left}
          x2={right}
          y1={original}
          y2={original}
          stroke="var(--line-strong)"
          strokeOpacity={0.6}
        />
      )}
      {bandLabel && (
        <text {...bandLabel} fill="var(--text-3)" fontSize={LABEL_SIZE}>
          {words.same}
        </text>
      )}
      {frame.strip && <Strip box={frame.strip} />}
    </g>
  );
}

function Strip({
  box: { left, right, top, bottom },
}: {
  box: NonNullable<Layout['frame']['strip']>;
}) {
  return (
    <g data-strip>
      <rect x={left} y={top} width={right - left} height={bottom - top} fill="var(--surface-3)" />
      <line
        x1={left}
        x2={right}
        y1={top}
        y2={top}
        stroke="var(--line-strong)"
        strokeDasharray="4 3"
      />
    </g>
  );
}
