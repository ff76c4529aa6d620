/** Begins every name the trainer adds to a graph. */
export const TRAINING_PREFIX = 'train/';

/** Public names of a training graph's own inputs and outputs. */
export const VALUES = {
  theta: 'train.theta',
  m: 'train.m',
  v: 'train.v',
  nextTheta: 'train.theta.next',
  nextM: 'train.m.next',
  nextV: 'train.v.next',
  learningRate: 'train.learning_rate',
  correction1: 'train.correction1',
  correction2: 'train.correction2',
  gradientNorm: 'train.gradient_norm',
  loss: 'train.loss',
  sum: 'train.gradient_sum',
  nextSum: 'train.gradient_sum.next',
  share: 'train.share',
  lossScale: 'train.loss_scale',
  mask: 'train.mask',
  scores: 'train.scores',
  nextScores: 'train.scores.next',
} as const;
