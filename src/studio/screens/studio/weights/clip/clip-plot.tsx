import { useCallback } from 'react';
import type { ClipCurve, ClipErrors, ClipMark } from '../../../../../../workers/protocol.ts';
import { Canvas } from '../../../../charts/canvas.tsx';
import { niceTicks } from '../../../../charts/nice-ticks.ts';
import { formatError } from '../../../../format/format.ts';
import { enWeights as t } from '../../../../strings/en-weights.ts';
import { usePalette } from '../palette.ts';
import type { Plot } from '../plot.ts';
import { AXIS, clipFrame, LEFT, placedMarks, type ClipFrame } from './clip-frame.ts';
import styles from './clip.module.css';

const TURN = 2 * Math.PI;
/** Room for names above the curve. */
const TOP = 44;

interface ClipPlotProps {
  readonly label: string;
  readonly curve: ClipCurve;
  readonly errors: ClipErrors;
  readonly marks: readonly ClipMark[];
}

/** The error as a line, the marks as dots with their names above. */
export function ClipPlot({ label, curve, errors, marks }: ClipPlotProps) {
  const palette = usePalette();
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      context.font = palette.font;
      const plot = { context, palette, width, height };
      const measure = (text: string): number => context.measureText(text).width;
      const line = { ratios: curve.ratios, errors: errors.errors };
      const frame = clipFrame(line, marks, { width, height, top: TOP });
      paintAxes(plot, frame);
      paintLine(plot, frame, line);
      for (const mark of placedMarks(marks, frame, measure, width)) paintMark(plot, mark);
    },
    [palette, curve, errors, marks],
  );
  return <Canvas label={label} className={styles.plot} paint={paint} />;
}

function paintAxes(
  { context, palette, width, height }: Plot,
  { x, y, ticks, base, from, to }: ClipFrame,
): void {
  context.fillStyle = palette.line;
  context.fillRect(LEFT, base, width - LEFT, 1);
  for (const tick of ticks) context.fillRect(LEFT, Math.round(y(tick)), width - LEFT, 1);
  context.fillStyle = palette.text3;
  context.textAlign = 'right';
  for (const tick of ticks) context.fillText(formatError(tick), LEFT - 6, y(tick) + 4);
  context.textAlign = 'center';
  for (const ratio of niceTicks(from, to, 6))
    if (ratio >= from && ratio <= to) context.fillText(`×${ratio}`, x(ratio), base + 14);
  context.fillText(t.clipAxis, (LEFT + width) / 2, height - AXIS + 30);
}

function paintLine(
  { context, palette, width }: Plot,
  { x, y, from, to, base }: ClipFrame,
  { ratios, errors }: { readonly ratios: Float64Array; readonly errors: Float64Array },
): void {
  context.save();
  // Far from the lowest the curve goes out at the top.
  context.beginPath();
  context.rect(LEFT, TOP - 8, width - LEFT, base);
  context.clip();
  context.beginPath();
  ratios.forEach((ratio, i) => {
    if (ratio >= from && ratio <= to) context.lineTo(x(ratio), y(errors[i]));
  });
  context.strokeStyle = palette.text;
  context.lineWidth = 1.5;
  context.stroke();
  context.restore();
}

function paintMark(
  { context, palette }: Plot,
  { name, x, y, labelX }: ReturnType<typeof placedMarks>[number],
): void {
  const own = name === t.clipOwn;
  if (labelX !== undefined) {
    context.strokeStyle = palette.text3;
    context.lineWidth = 0.5;
    context.beginPath();
    context.moveTo(labelX, 15);
    context.lineTo(x, y - 6);
    context.stroke();
    context.fillStyle = own ? palette.text : palette.text2;
    context.textAlign = 'center';
    context.fillText(name, labelX, 11);
  }
  context.beginPath();
  context.arc(x, y, own ? 6 : 3.5, 0, TURN);
  context.fillStyle = palette.accent;
  context.strokeStyle = palette.text;
  context.lineWidth = 1.5;
  if (own) context.stroke();
  else context.fill();
}
