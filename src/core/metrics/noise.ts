import type { Metric, Metrics } from './types.ts';

/** What answering by chance would score. */
export interface Chance {
  /** Tokens a language model chooses among. */
  readonly vocabulary?: number;
  /** Labels a classifier chooses among. */
  readonly classes?: number;
}

const STANDARD_ERRORS = 2;

/**
 * Why what a model answers is noise, or nothing: a perplexity no better than guessing each token (≥ the size of
 * the vocabulary, or no number at all), an accuracy within two standard errors of 1 / classes although the
 * original is outside, vectors whose cosine to the original's is within two standard errors of 0, outputs as far
 * from the original's as answering nothing (relative error ≥ 1).
 */
export function noiseReason(
  original: Metrics,
  model: Metrics,
  { vocabulary, classes }: Chance = {},
): string | undefined {
  const { perplexity, accuracy, cosine, relativeError } = model;
  if (perplexity && vocabulary && !(perplexity.value < vocabulary)) {
    return `its perplexity is ${short(perplexity)}, no better than guessing among ${vocabulary} tokens`;
  }
  if (accuracy && classes && original.accuracy && isChance(accuracy, original.accuracy, classes)) {
    return `its accuracy is ${short(accuracy)}, no better than guessing among ${classes} labels`;
  }
  if (cosine && Math.abs(cosine.value) <= STANDARD_ERRORS * cosine.standardError) {
    return `its vectors have a cosine of ${short(cosine)} to the original's, as if they had nothing to do with them`;
  }
  if (relativeError && !(relativeError.value < 1)) {
    return `its outputs are as far from the original's (relative error ${short(relativeError)}) as no answer would be`;
  }
  return undefined;
}

function isChance(accuracy: Metric, original: Metric, classes: number): boolean {
  const from = ({ value, standardError }: Metric) =>
    Math.abs(value - 1 / classes) - STANDARD_ERRORS * standardError;
  return from(accuracy) <= 0 && from(original) > 0;
}

function short({ value }: Metric): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : 'not a number';
}
