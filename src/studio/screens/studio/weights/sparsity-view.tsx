import { useCallback, useMemo } from 'react';
import type { Entry, Preview } from '../../../../../workers/protocol.ts';
import { Canvas } from '../../../charts/canvas.tsx';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { usePalette } from './palette.ts';
import { paintZeros } from './paint-zeros.ts';
import { sparsityOf } from './sparsity-pattern.ts';
import styles from './weights-tab.module.css';

interface SparsityViewProps {
  readonly preview: Preview;
  readonly entry: Entry;
}

/** Which weights of the part that the maps show are zero, and the pattern they make. */
export function SparsityView({ preview, entry }: SparsityViewProps) {
  const { after, crop } = preview;
  const palette = usePalette();
  const pattern = useMemo(() => sparsityOf(preview), [preview]);
  const values = after?.crop;
  const group = pattern?.group;
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      if (values) paintZeros(context, width, height, { values, crop, group, entry, palette });
    },
    [values, crop, group, entry, palette],
  );
  if (pattern === undefined) return null;
  const rows = crop.rows.end - crop.rows.from;
  const columns = crop.columns.end - crop.columns.from;
  return (
    <figure className={styles.figure}>
      <figcaption>
        <span>{t.pattern}</span>
        <span className={styles.key}>{t.patternShare(pattern.zeros, pattern.of)}</span>
      </figcaption>
      <div className={styles.zeros} style={{ aspectRatio: columns / rows }}>
        <Canvas label={t.pattern} className={styles.fill} paint={paint} />
      </div>
      <p className={styles.words}>
        {group ? t.patternGroups(group.stay, group.of) : t.patternFree}
      </p>
    </figure>
  );
}
