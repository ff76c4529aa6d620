import { en } from '../../../strings/en.ts';
import styles from './result-column.module.css';

/** Sentences that are no mistakes but should be known. */
export function Warnings({ sentences }: { sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <details className={styles.warnings}>
      <summary>{en.result.warnings(sentences.length)}</summary>
      <ul>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </details>
  );
}
