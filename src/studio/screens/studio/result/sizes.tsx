import { MoveRight } from 'lucide-react';
import {
  formatBytes,
  formatDownload,
  formatExactBytes,
  formatRatio,
} from '../../../format/format.ts';
import { en } from '../../../strings/en.ts';
import styles from './result-column.module.css';

interface SizesProps {
  readonly before: number;
  readonly after: number;
}

/** Size three ways: bytes, how many times smaller, how long people wait for it. */
export function Sizes({ before, after }: SizesProps) {
  return (
    <>
      <p className={styles.sizes}>
        <span title={formatExactBytes(before)}>{formatBytes(before)}</span>
        <MoveRight size={16} aria-label="to" />
        <strong title={formatExactBytes(after)}>{formatBytes(after)}</strong>
        <span className={styles.ratio}>{formatRatio(before, after)}</span>
      </p>
      <p className={styles.wait} title={en.result.downloadOn}>
        {formatExactBytes(after)} · {en.result.download.toLowerCase()} {formatDownload(after)}{' '}
        {en.result.on4g}
      </p>
    </>
  );
}
