import { tryIt } from '../../../strings/en-try.ts';
import styles from './answers.module.css';

/** What hollow and solid bars are. */
export function Legend({ left, right }: { left: string; right: string }) {
  return (
    <p className={styles.legend}>
      {tryIt.answers.legend}
      <span>
        <i className={styles.hollow} /> {left}
      </span>
      <span>
        <i className={styles.solid} /> {right}
      </span>
    </p>
  );
}
