import { bagOfWords, wordColumns } from '../baselines/bag-of-words.ts';
import { classify, trainLogisticRegression } from '../baselines/logistic-regression.ts';
import { accuracy } from '../../../src/core/metrics/accuracy.ts';
import type { Baseline } from '../entry.ts';
import type { Mail } from './mails.ts';

const PENALTIES = [1e-3, 1e-4, 1e-5, 1e-6];

export interface MailSplit {
  readonly training: readonly Mail[];
  readonly validation: readonly Mail[];
  readonly evaluation: readonly Mail[];
}

/**
 * Logistic regression on bags of words: the penalty that does best on the validation mails, judged
 * once on the evaluation.
 */
export function wordsBaseline(name: string, split: MailSplit): Baseline {
  const texts = (mails: readonly Mail[]) => mails.map(({ text }) => text);
  const labels = (mails: readonly Mail[]) => mails.map(({ label }) => label);
  const columns = wordColumns(texts(split.training));
  const rows = bagOfWords(texts(split.training), columns);
  const rightIn = (mails: readonly Mail[], penalty: number) => {
    const fit = trainLogisticRegression(rows, labels(split.training), { classes: 2, penalty });
    const guesses = classify(fit, bagOfWords(texts(mails), columns));
    return guesses.map((guess, k) => Number(guess === mails[k].label));
  };
  const count = (penalty: number) =>
    rightIn(split.validation, penalty).reduce((sum, value) => sum + value, 0);
  const scores = PENALTIES.map(count);
  const best = PENALTIES[scores.indexOf(Math.max(...scores))];
  return { name, metric: accuracy(rightIn(split.evaluation, best)) };
}

/** What always guessing the more frequent class reaches. */
export function majorityBaseline({ training, evaluation }: MailSplit): Baseline {
  const spam = training.filter(({ label }) => label === 1).length;
  const guess = 2 * spam > training.length ? 1 : 0;
  const right = evaluation.map(({ label }) => Number(label === guess));
  return { name: 'always the more frequent class', metric: accuracy(right) };
}
