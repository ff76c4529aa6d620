import { BETTER, type Better, type MetricName, type Metrics } from '../../core/metrics/types.ts';
import type { ModelView } from '../../../workers/protocol.ts';

export interface Quality {
  readonly name: MetricName;
  readonly better: Better;
  /** What the original scores by definition, for metrics that compare with it. */
  readonly ofOriginal?: number;
}

/** Metrics that a chart is drawn of. */
const CHARTED = [
  'perplexity',
  'spanF1',
  'accuracy',
  'kl',
  'sameTop1',
  'spanAgreement',
  'agreement',
  'cosine',
  'top10',
  'rankCorrelation',
  'relativeError',
] as const;

const OF_ORIGINAL: Readonly<Partial<Record<MetricName, number>>> = {
  kl: 0,
  sameTop1: 1,
  agreement: 1,
  spanAgreement: 1,
  cosine: 1,
  top10: 1,
  rankCorrelation: 1,
  relativeError: 0,
};

const QUALITIES: readonly Quality[] = CHARTED.map((name) => ({
  name,
  better: BETTER[name],
  ofOriginal: OF_ORIGINAL[name],
}));

const BY_TASK: Record<ModelView['task'], readonly MetricName[]> = {
  'language-model': ['perplexity', 'kl', 'sameTop1'],
  'sequence-to-sequence': ['perplexity', 'kl', 'sameTop1'],
  'masked-language-model': ['accuracy', 'kl', 'agreement'],
  classifier: ['accuracy', 'kl', 'agreement'],
  'token-classifier': ['spanF1', 'accuracy', 'spanAgreement', 'agreement', 'kl'],
  'question-answering': ['agreement', 'kl'],
  pairs: ['accuracy', 'kl', 'agreement'],
  encoder: ['cosine', 'top10', 'rankCorrelation', 'relativeError'],
  unknown: ['relativeError', 'cosine', 'kl'],
};

/** Metrics worth a chart: those the task asks for, then any other that was really measured. */
export function qualitiesFor(task: ModelView['task'], measured: readonly Metrics[]): Quality[] {
  const found = new Set(measured.flatMap((metrics) => Object.keys(metrics)));
  const asked = BY_TASK[task];
  return QUALITIES.filter(({ name }) =>
    measured.length > 0 ? found.has(name) : asked.includes(name),
  ).sort((a, b) => rank(asked, a.name) - rank(asked, b.name));
}

function rank(order: readonly MetricName[], name: MetricName): number {
  const index = order.indexOf(name);
  return index < 0 ? order.length : index;
}

export function qualityNamed(name: MetricName): Quality | undefined {
  return QUALITIES.find((quality) => quality.name === name);
}
