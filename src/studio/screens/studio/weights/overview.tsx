import { useCallback, type PointerEvent } from 'react';
import type { Preview } from '../../../../../workers/protocol.ts';
import { Canvas } from '../../../charts/canvas.tsx';
import { DIVERGING, robustExtent } from '../../../charts/diverging.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { join } from '../../../ui/button.tsx';
import { entryUnder, isWhole } from './crop.ts';
import { moveTo } from './looking.ts';
import { paintMap } from './paint-map.ts';
import styles from './weights-tab.module.css';

/** The whole layer in small, where it is larger than the maps: a press moves them. */
export function Overview({ preview }: { readonly preview: Preview }) {
  const { overview, crop, rows, columns, layer } = preview;
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      const all = {
        rows: { from: 0, end: overview.rows },
        columns: { from: 0, end: overview.columns },
      };
      const [down, right] = [overview.rows / rows, overview.columns / columns];
      const block = {
        rows: { from: crop.rows.from * down, end: crop.rows.end * down },
        columns: { from: crop.columns.from * right, end: crop.columns.end * right },
      };
      const extent = robustExtent(overview.values);
      const scene = { values: overview.values, crop: all, extent, table: DIVERGING, block };
      paintMap(context, width, height, { ...scene, marked: [] });
    },
    [overview, crop, rows, columns],
  );
  if (isWhole(crop, preview)) return null;
  const whole = { rows: { from: 0, end: rows }, columns: { from: 0, end: columns } };
  const go = (event: PointerEvent): void => {
    if (event.buttons === 0) return;
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    const [x, y] = [(event.clientX - left) / width, (event.clientY - top) / height];
    moveTo(layer, entryUnder(x, y, whole), preview);
  };
  return (
    <div className={join(styles.heat, styles.whole)}>
      <span>{t.whole}</span>
      <div className={styles.overview} style={{ aspectRatio: columns / rows }}>
        <Canvas label={t.overview} className={styles.fill} paint={paint} />
        <button
          type="button"
          className={styles.pointer}
          // The arrow keys on the maps go everywhere; this is for hands that point.
          tabIndex={-1}
          aria-label={t.moveCrop}
          onPointerDown={go}
          onPointerMove={go}
        />
      </div>
    </div>
  );
}
