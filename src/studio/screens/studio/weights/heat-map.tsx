import { useCallback, type KeyboardEvent, type MouseEvent, type PointerEvent } from 'react';
import type { Entry, Preview } from '../../../../../workers/protocol.ts';
import { Canvas } from '../../../charts/canvas.tsx';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { entryUnder, moved } from './crop.ts';
import { pick } from './looking.ts';
import { paintMap } from './paint-map.ts';
import styles from './weights-tab.module.css';

interface HeatMapProps {
  readonly label: string;
  readonly preview: Preview;
  readonly values: Float32Array;
  readonly extent: number;
  readonly table: Uint32Array;
  readonly entry: Entry;
  readonly hovered: Entry | undefined;
  readonly onHover: (entry: Entry | undefined) => void;
  /** Id of what says the numbers of the picked weight. */
  readonly readout: string;
}

/** One map; the button over it takes the pointer and the keys, so that the picture stays a picture. */
export function HeatMap({ label, values, extent, table, ...place }: HeatMapProps) {
  const { preview, entry, hovered, onHover, readout } = place;
  const { crop, block, layer } = preview;
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) =>
      paintMap(context, width, height, {
        values,
        crop,
        extent,
        table,
        block,
        marked: [entry, hovered],
      }),
    [values, crop, extent, table, block, entry, hovered],
  );
  const under = (event: PointerEvent | MouseEvent): Entry => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    return entryUnder((event.clientX - left) / width, (event.clientY - top) / height, crop);
  };
  const press = (event: KeyboardEvent): void => {
    const next = moved(entry, event.key, preview);
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    pick(layer, next, crop, preview);
  };
  const rows = crop.rows.end - crop.rows.from;
  const columns = crop.columns.end - crop.columns.from;
  return (
    <div className={styles.heat}>
      <span>{label}</span>
      <div
        className={styles.map}
        style={{ aspectRatio: Math.min(4, Math.max(1.2, columns / rows)) }}
      >
        <Canvas label={`${t.heat}, ${label}`} className={styles.fill} paint={paint} />
        <button
          type="button"
          className={styles.pointer}
          aria-label={t.cursor(label)}
          aria-describedby={readout}
          onKeyDown={press}
          onPointerMove={(event) => onHover(under(event))}
          onPointerLeave={() => onHover(undefined)}
          // A press of Enter has no place.
          onClick={(event) => event.detail > 0 && pick(layer, under(event), crop, preview)}
        />
      </div>
    </div>
  );
}
