import type { Classification } from '../../../../../workers/protocol.ts';
import { answerOf } from './flips.ts';
import styles from './try-tab.module.css';

const SHOWN_LABELS = 3;

/** Probabilities of both models for the likeliest labels, original above compressed. */
export function Bars({ answer }: { answer: Classification }) {
  const { labels, original, compressed, expected } = answer;
  const likeliest = likeliestOf(answer, SHOWN_LABELS);
  const winner = answerOf(compressed);
  return (
    <dl className={styles.probabilities}>
      {likeliest.map((at) => (
        <div key={at} title={`${percent(original[at])} → ${percent(compressed[at])}`}>
          <dt data-expected={at === expected || undefined}>{labels[at]}</dt>
          <dd>
            <i className={styles.originalBar} style={{ width: percent(original[at]) }} />
            <i className={styles.compressedBar} style={{ width: percent(compressed[at]) }} />
          </dd>
          <dd className={styles.percent}>
            {at === winner ? <b>{percent(compressed[at])}</b> : percent(compressed[at])}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The labels that either model finds likeliest, in that order. */
export function likeliestOf(answer: Classification, count: number): number[] {
  return answer.labels
    .map((_label, at) => at)
    .sort((a, b) => most(answer, b) - most(answer, a))
    .slice(0, count);
}

function most({ original, compressed }: Classification, at: number): number {
  return Math.max(original[at], compressed[at]);
}

function percent(probability: number): string {
  return `${(probability * 100).toFixed(0)}%`;
}
