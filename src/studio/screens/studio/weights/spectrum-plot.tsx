import { useCallback } from 'react';
import type { Spectrum } from '../../../../../workers/protocol.ts';
import { Canvas } from '../../../charts/canvas.tsx';
import { enWeights as t } from '../../../strings/en-weights.ts';
import type { Plot } from './plot.ts';
import { numberText } from './number-text.ts';
import { usePalette } from './palette.ts';
import type { SpectrumFacts } from './spectrum-facts.ts';
import styles from './weights-tab.module.css';

const AXIS = 20;
/** Decades below the largest value that are drawn. */
const DECADES = 4;

interface SpectrumPlotProps {
  readonly spectrum: Spectrum;
  readonly facts: SpectrumFacts;
  readonly label: string;
}

/** Singular values over their rank, log₁₀ upwards; a line where two factors stop being smaller. */
export function SpectrumPlot({ spectrum, facts, label }: SpectrumPlotProps) {
  const palette = usePalette();
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      context.font = palette.font;
      paintSpectrum({ context, palette, width, height }, spectrum, facts);
    },
    [palette, spectrum, facts],
  );
  return <Canvas label={label} className={styles.histogram} paint={paint} />;
}

/** Paints them into a plot of any place. */
export function paintSpectrum(
  plot: Plot,
  { before, after }: Spectrum,
  { breakEven }: SpectrumFacts,
): void {
  const { context, palette, width, height } = plot;
  const base = height - AXIS;
  const x = (rank: number): number => (rank / before.length) * width;
  const y = (value: number): number => {
    const down = value > 0 ? -Math.log10(value / before[0]) : DECADES;
    return 4 + (Math.min(down, DECADES) / DECADES) * (base - 4);
  };
  if (after !== undefined) {
    context.fillStyle = palette.accent;
    after.forEach((value, i) => {
      context.fillRect(x(i), y(value), Math.max(1, x(1) - 0.5), base - y(value));
    });
  }
  context.strokeStyle = palette.text;
  context.beginPath();
  before.forEach((value, i) => {
    context.lineTo(x(i), y(value));
    context.lineTo(x(i + 1), y(value));
  });
  context.stroke();
  axis(plot, before, x, base);
  if (breakEven < before.length) mark(plot, x(breakEven), base);
}

function axis(
  { context, palette, width, height }: Plot,
  before: Float64Array,
  x: (rank: number) => number,
  base: number,
): void {
  context.fillStyle = palette.line;
  context.fillRect(0, base, width, 1);
  context.fillStyle = palette.text3;
  for (const rank of [1, Math.round(before.length / 2), before.length]) {
    context.textAlign = rank === 1 ? 'left' : rank === before.length ? 'right' : 'center';
    context.fillText(String(rank), rank === 1 ? 0 : x(rank), height - 5);
  }
  context.textAlign = 'right';
  context.fillText(`σ₁ ${numberText(before[0])}`, width - 4, 14);
}

function mark({ context, palette, width }: Plot, at: number, base: number): void {
  context.save();
  context.setLineDash([4, 3]);
  context.strokeStyle = palette.text3;
  context.beginPath();
  context.moveTo(at, 0);
  context.lineTo(at, base);
  context.stroke();
  context.restore();
  context.fillStyle = palette.text3;
  const left = at > width / 2;
  context.textAlign = left ? 'right' : 'left';
  context.fillText(t.breakEvenLine, at + (left ? -6 : 6), 28);
}
