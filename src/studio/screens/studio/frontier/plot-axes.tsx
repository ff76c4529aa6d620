import type { Frame, Tick } from '../../../frontier/frame.ts';
import { frontierWords as words } from '../../../strings/en-frontier.ts';

export const LABEL_SIZE = 11;

const TICK = { fill: 'var(--text-3)', fontSize: LABEL_SIZE } as const;
const TITLE = { fill: 'var(--text-2)', fontSize: 12, textAnchor: 'middle' } as const;

interface PlotAxesProps {
  readonly frame: Frame;
  readonly titles: { readonly x: string; readonly ratios: string; readonly y: string };
}

/** Grid, ticks and what they count. */
export function PlotAxes({ frame, titles }: PlotAxesProps) {
  const { area, axis } = frame;
  const middle = (area.left + area.right) / 2;
  return (
    <g>
      <Grid frame={frame} />
      <line x1={area.left} x2={area.right} y1={axis} y2={axis} stroke="var(--line-strong)" />
      {frame.xTicks.map((tick) => (
        <LowerTick key={tick.text} tick={tick} y={axis} />
      ))}
      {frame.ratios.map(({ at, text }) => (
        <text key={text} x={at} y={area.top - 8} textAnchor="middle" {...TICK}>
          {text}
        </text>
      ))}
      {frame.yTicks.map(({ at, text }) => (
        <text key={text} x={area.left - 8} y={at + 4} textAnchor="end" {...TICK}>
          {text}
        </text>
      ))}
      {frame.strip && (
        <text x={area.left - 8} y={frame.strip.top + 15} textAnchor="end" {...TICK}>
          {words.offScale}
        </text>
      )}
      <text x={middle} y={axis + 40} {...TITLE}>
        {titles.x}
      </text>
      {frame.ratios.length > 0 && (
        <text x={middle} y={12} {...TITLE}>
          {titles.ratios}
        </text>
      )}
      <text
        transform={`translate(18 ${Math.round((area.top + area.bottom) / 2)}) rotate(-90)`}
        {...TITLE}
      >
        {titles.y}
      </text>
    </g>
  );
}

function Grid({ frame: { area, xTicks, yTicks } }: { frame: Frame }) {
  return (
    <g stroke="var(--line)" strokeDasharray="2 4">
      {xTicks.map(({ at, text }) => (
        <line key={text} x1={at} x2={at} y1={area.top} y2={area.bottom} />
      ))}
      {yTicks.map(({ at, text }) => (
        <line key={text} x1={area.left} x2={area.right} y1={at} y2={at} />
      ))}
    </g>
  );
}

function LowerTick({ tick: { at, text }, y }: { tick: Tick; y: number }) {
  return (
    <>
      <line x1={at} x2={at} y1={y} y2={y + 4} stroke="var(--line-strong)" />
      <text x={at} y={y + 18} textAnchor="middle" {...TICK}>
        {text}
      </text>
    </>
  );
}
