import type { LayerRow } from './layer-rows.ts';

/** One logarithmic axis for the errors of all layers. */
export interface ErrorAxis {
  /** Powers of ten at its ends. */
  readonly low: number;
  readonly high: number;
  /** Exponents with a label. */
  readonly ticks: readonly number[];
  /** Where an error lies, 0…1; zero, which has no logarithm, at the beginning. */
  readonly place: (error: number) => number;
}

/** At most so many labels fit beside each other. */
const LABELS = 6;

/** From the power of ten below the least error to the one above the largest; none without errors above zero. */
export function errorAxis(rows: readonly LayerRow[]): ErrorAxis | undefined {
  const errors = rows
    .flatMap(({ error, baselineError }) => [error ?? 0, baselineError ?? 0])
    .filter((error) => error > 0 && Number.isFinite(error))
    .map(Math.log10);
  if (errors.length === 0) return undefined;
  const low = Math.floor(errors.reduce((a, b) => Math.min(a, b)));
  const high = Math.max(low + 1, Math.ceil(errors.reduce((a, b) => Math.max(a, b))));
  const every = Math.ceil((high - low + 1) / LABELS);
  const ticks = Array.from({ length: high - low + 1 }, (_, at) => low + at).filter(
    (exponent) => (exponent - low) % every === 0,
  );
  const place = (error: number): number =>
    error > 0 ? Math.min(1, Math.max(0, (Math.log10(error) - low) / (high - low))) : 0;
  return { low, high, ticks, place };
}

const SUPERSCRIPT = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'] as const;

/** 10⁻⁴, and 1 for ten to the nought. */
export function powerOfTen(exponent: number): string {
  if (exponent === 0) return '1';
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPT[Number(digit)]);
  return `10${exponent < 0 ? '⁻' : ''}${digits.join('')}`;
}
