import type { MetricName } from '../../core/metrics/types.ts';

/** What each metric is, in one plain sentence or two: for who meets it the first time. */
export const METRIC_DEFINITIONS: Readonly<Record<MetricName, string>> = {
  perplexity:
    'How many tokens the model hesitates between at each place of the text, on average: exp of the mean −log p of the right one. 1 is certainty; lower is better.',
  kl: 'How far the compressed model’s probabilities are from the original’s, averaged over all tokens, in nats. 0 is the same; it grows with every change, also where no answer does.',
  klMedian:
    'The KL divergence of the middle token: half of all tokens are closer to the original than this.',
  kl99: 'The KL divergence that only one token in a hundred exceeds: how bad the rare bad places are.',
  kl999: 'The KL divergence that only one token in a thousand exceeds: the worst places.',
  sameTop1:
    'How often both models rank the same token first: what they would write next, taking the likeliest.',
  deltaP:
    'By how much the probability of the right token changed, on average. Below 0 the compressed model is less sure of it.',
  deltaPRms:
    'How much the probability of the right token moves up or down, typically: the root of the mean square.',
  accuracy: 'The share of examples whose label the model gets right.',
  spanF1:
    'How well the marked spans (names, places …) match the labels, 1 at best: the harmonic mean of how many found spans are right and how many right ones are found.',
  agreement: 'The share of examples for which both models give the same answer, right or wrong.',
  spanAgreement: 'How well the spans both models mark match each other, 1 at best.',
  cosine:
    'How alike the vectors of both models point: 1 is the same direction, 0 has nothing to do with it.',
  top10:
    'Of the ten nearest neighbours of each example in the original’s space, the share that are still among the ten nearest.',
  rankCorrelation:
    'Whether both models put the examples in the same order of likeness: 1 is the same order, 0 no relation (Spearman’s ρ).',
  relativeError:
    'The energy of the difference between the outputs of both models, as a share of the original’s: 0 is the same, 1 as far off as answering nothing.',
};

/** What ± is, wherever it stands. */
export const ERROR_DEFINITION =
  '± is one standard error, by document or example. A difference to the original is taken pairwise; beyond two errors it is more than chance.';
