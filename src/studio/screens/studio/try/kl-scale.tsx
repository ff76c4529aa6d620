import { tryIt } from '../../../strings/en-try.ts';
import { KL_EDGES } from './kl-levels.ts';
import styles from './read.module.css';

/** The colours with the values at which one ends and the next begins; under them what the underline means. */
export function KlScale({ title, underline = true }: { title: string; underline?: boolean }) {
  return (
    <div className={styles.scale}>
      <span>{title}</span>
      <span className={styles.steps}>
        {[...KL_EDGES, undefined].map((edge, level) => (
          <span key={level} className={styles.step}>
            <i data-level={level} />
            {edge !== undefined && <small>{edge}</small>}
          </span>
        ))}
      </span>
      {underline && (
        <span>
          <u className={styles.sign}>ab</u> {tryIt.reading.differs}
        </span>
      )}
    </div>
  );
}
