import { fixed, formatDifference, formatMetric, isShare, signed } from '../metrics/metric-text.ts';
import type { MetricName } from '../metrics/types.ts';
import { deviceName } from './latency.ts';
import type { Speed, SpeedAt } from './speed.ts';
import type { Finding, QualityVerdict, Verdict } from './verdict.ts';

/** What is claimed, and the numbers behind it. */
export interface Clause {
  readonly claim: string;
  readonly numbers?: string;
}

/** Where it was measured, unless somebody else did it. */
const HERE = 'here';

/** Size, quality and speed. What is not known is left out, but never the quality: it says why it is not. */
export function verdictClauses(verdict: Verdict, where = HERE): readonly Clause[] {
  const { size, cache, speed } = verdict;
  const speeds = speed ? [speedClause(speed, where)] : [];
  const caches = cache === undefined ? [] : [{ claim: `cache ${sizeWords(cache)}` }];
  return [{ claim: sizeWords(size) }, ...caches, qualityClause(verdict), ...speeds];
}

/**
 * A verdict as one line: "3.5× smaller, no measurable loss (+0.0020 ± 0.0010 perplexity), 1.1× slower here (256 tokens,
 * WASM)".
 */
export function verdictSentence(verdict: Verdict, where = HERE): string {
  return verdictClauses(verdict, where).map(clauseText).join(', ');
}

export function clauseText({ claim, numbers }: Clause): string {
  return numbers === undefined ? claim : `${claim} (${numbers})`;
}

/** Files whose sizes differ by less count as equally large. */
const SAME_SIZE = 0.01;

/** Bytes before over bytes after, in words: "3.5× smaller". */
export function sizeWords(ratio: number): string {
  if (Math.abs(ratio - 1) <= SAME_SIZE) return 'same size';
  return ratio > 1 ? `${times(ratio)} smaller` : `${times(1 / ratio)} larger`;
}

/**
 * "1.1× slower here" and "512 tokens, WASM, 1 thread"; of two lengths that differ "as fast at 256 tokens but 1.5×
 * slower at 16 here".
 */
export function speedClause(speed: Speed, where = HERE): Clause {
  const { threads, short, tokens } = speed;
  const known = [
    ...(tokens === undefined || short ? [] : [`${tokens} tokens`]),
    deviceName(speed.device),
    ...(threads === undefined ? [] : [threads === 1 ? '1 thread' : `${threads} threads`]),
  ];
  return { claim: `${lengthWords(speed)} ${where}`, numbers: known.join(', ') };
}

/** One length, or both where they differ. */
function lengthWords({ short, ...speed }: Speed): string {
  if (short === undefined) return ratioWords(speed);
  const long = `${ratioWords(speed)} at ${speed.tokens} tokens`;
  return `${long} but ${ratioWords(short)} at ${short.tokens}`;
}

/** "1.1× slower", "as fast". */
export function ratioWords({ word, ratio }: SpeedAt): string {
  return word === 'as fast' ? word : `${times(word === 'slower' ? ratio : 1 / ratio)} ${word}`;
}

/** One decimal, none from ten on; what is nearly 1 keeps what tells it from 1. */
function times(ratio: number): string {
  if (ratio >= 9.95) return `${ratio.toFixed(0)}×`;
  return `${ratio.toFixed(ratio < 1.05 ? 2 : 1)}×`;
}

/** What was found of the quality, with its number behind it, and why nothing was. */
export function qualityClause(quality: QualityVerdict): Clause {
  const claim = WORDS[quality.finding](quality);
  const why = WHY[quality.finding] ?? quality.reason?.replace(/\.$/, '');
  const behind = [why, numberWords(quality)].filter((text) => text !== undefined && text !== '');
  return behind.length === 0 ? { claim } : { claim, numbers: behind.join(': ') };
}

const UNMEASURED = () => 'quality not measured';

const WORDS: Readonly<Record<Finding, (quality: QualityVerdict) => string>> = {
  better: () => 'better',
  'slightly-better': slightly('better'),
  equal: ({ fidelity }) => (fidelity ? 'practically the same' : 'no measurable loss'),
  'slightly-worse': slightly('worse'),
  worse: () => 'worse',
  'no-number': ({ metric }) => `worse: its ${metric ? METRIC_WORDS[metric] : 'score'} is no number`,
  'not-told-apart': ({ examples }) => `not told apart from the original with n = ${examples}`,
  'one-example': UNMEASURED,
  'made-up': UNMEASURED,
  'not-run': UNMEASURED,
};

const WHY: Readonly<Partial<Record<Finding, string>>> = {
  'one-example': 'one example says nothing about its error',
  'made-up': 'no data, only made-up inputs',
};

function slightly(word: string) {
  return (): string => `slightly ${word}, more than chance`;
}

/** "+0.13 ± 0.01 perplexity, +3.8 %"; of a distance to the original, the distance: "agreement 99.50 % ± 0.20". */
function numberWords({
  metric,
  difference,
  compressed,
  fidelity,
  ...quality
}: QualityVerdict): string {
  const measured = fidelity ? compressed : difference;
  if (metric === undefined || measured === undefined || quality.finding === 'no-number') return '';
  const name = METRIC_WORDS[metric];
  const { value, error } = (fidelity ? formatMetric : formatDifference)(metric, measured);
  const number = Number.isFinite(measured.standardError) ? `${value} ${error}` : value;
  if (fidelity) return `${name} ${number}`;
  const link = isShare(metric) ? ' of ' : ' ';
  return `${number}${link}${name}${shareWords(quality)}`;
}

/** Of the original's value, where that says more than the difference. */
function shareWords({ relative, finding }: QualityVerdict): string {
  return relative === undefined || finding === 'equal' ? '' : `, ${percent(relative)}`;
}

/** "+3.8 %", "+0.06 %": two digits. */
function percent(share: number): string {
  const value = 100 * share;
  const digits = Math.max(0, 1 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return `${signed(value, fixed(value, Math.min(4, digits)))} %`;
}

/** Metrics inside a sentence. */
export const METRIC_WORDS: Readonly<Record<MetricName, string>> = {
  perplexity: 'perplexity',
  kl: 'KL divergence',
  klMedian: 'median KL divergence',
  kl99: 'KL divergence at 99 %',
  kl999: 'KL divergence at 99.9 %',
  sameTop1: 'same top token',
  deltaP: 'mean Δp',
  deltaPRms: 'RMS of Δp',
  accuracy: 'accuracy',
  spanF1: 'span F₁',
  agreement: 'agreement',
  spanAgreement: 'span agreement',
  cosine: 'cosine',
  top10: 'top 10 kept',
  rankCorrelation: 'rank correlation',
  relativeError: 'relative error',
};
