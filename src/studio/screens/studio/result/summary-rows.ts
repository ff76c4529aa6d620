import type { Metric, MetricName } from '../../../../core/metrics/types.ts';
import { formatDifference, formatMetric } from '../../../../core/metrics/metric-text.ts';
import type { Speed } from '../../../../core/report/speed.ts';
import { ratioWords } from '../../../../core/report/verdict-words.ts';
import { qualityVerdict, type Measured } from '../../../../core/report/verdict.ts';
import { deviceName } from '../../../../core/report/latency.ts';
import { formatLatency } from '../../../format/format.ts';
import { resultText } from '../../../strings/en-result.ts';

/** One of the three rows: what is asked, what was found, and what lies behind it. */
export interface SummaryRow {
  readonly label: string;
  readonly metric?: MetricName;
  readonly value: string;
  readonly error?: string;
  readonly note?: string;
}

/** What tells best whether both models do the same, the first that was measured. */
const ALIKE = ['sameTop1', 'agreement', 'spanAgreement', 'top10', 'kl', 'relativeError'] as const;

/** Quality and agreement, of what was measured so far. */
export function measuredRows(measured: Measured): SummaryRow[] {
  const { metric } = qualityVerdict(measured);
  const alike = ALIKE.find((name) => name !== metric && measured.compressed[name] !== undefined);
  return [
    ...(metric === undefined ? [] : [metricRow(resultText.quality, metric, measured)]),
    ...(alike === undefined ? [] : [metricRow(resultText.agreement, alike, measured)]),
  ];
}

function metricRow(label: string, metric: MetricName, measured: Measured): SummaryRow {
  const { original, compressed, difference } = measured;
  const [before, own, apart] = [original[metric], compressed[metric], difference[metric]];
  const note = before && changeNote(metric, before, apart);
  return {
    ...{ label, metric },
    ...(own ? formatMetric(metric, own) : { value: resultText.notTaken }),
    ...(note !== undefined && { note }),
  };
}

/** "original 3.573, difference +0.0022 ± 0.0011". */
function changeNote(metric: MetricName, before: Metric, apart: Metric | undefined): string {
  const was = `${resultText.original} ${formatMetric(metric, before).value}`;
  if (apart === undefined) return was;
  const { value, error } = formatDifference(metric, apart);
  return `${was}, ${value} ${error}`;
}

export function speedRow(speed: Speed): SummaryRow {
  const { original, compressed, device, tokens, short } = speed;
  const at = tokens === undefined ? [] : [resultText.tokens(tokens)];
  return {
    label: resultText.speed,
    value: formatLatency(compressed),
    note: [
      `${resultText.original} ${formatLatency(original)}`,
      ratioWords(speed),
      ...at,
      deviceName(device),
      ...(short?.tokens === undefined
        ? []
        : [`${ratioWords(short)} at ${resultText.tokens(short.tokens)}`]),
    ].join(', '),
  };
}
