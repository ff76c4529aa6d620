import { shareText } from '../size/part-words.ts';
import styles from './layers-tab.module.css';

/** A share of the file as a bar with its number. */
export function ShareBar({ bytes, whole }: { bytes: number; whole: number }) {
  const share = whole > 0 ? Math.min(1, bytes / whole) : 0;
  return (
    <span className={styles.share}>
      <span>{shareText(bytes, whole)}</span>
      <i style={{ width: `${100 * share}%` }} aria-hidden />
    </span>
  );
}
