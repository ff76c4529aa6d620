import { useCallback, useMemo } from 'react';
import type { Preview } from '../../../../../workers/protocol.ts';
import { Canvas } from '../../../charts/canvas.tsx';
import { DIVERGING, divergingPixels, robustExtent } from '../../../charts/diverging.ts';
import { en } from '../../../strings/en.ts';
import styles from './weights-tab.module.css';

interface HeatMapsProps {
  readonly preview: Preview;
  readonly after: boolean;
}

/** Before and after on the same diverging scale, centred at zero. */
export function HeatMaps({ preview, after }: HeatMapsProps) {
  const { heatRows: rows, heatColumns: columns } = preview;
  const extent = useMemo(() => robustExtent(preview.before.heat), [preview]);
  return (
    <figure className={styles.figure}>
      <figcaption>
        <span>{en.weights.heat}</span>
        <span className={styles.key}>{en.weights.cells(preview.rows, preview.columns)}</span>
      </figcaption>
      <div className={styles.heats}>
        <Heat
          label={en.weights.before}
          values={preview.before.heat}
          {...{ rows, columns, extent }}
        />
        {after && (
          <Heat
            label={en.weights.after}
            values={preview.after.heat}
            {...{ rows, columns, extent }}
          />
        )}
      </div>
      <Scale extent={extent} />
    </figure>
  );
}

interface HeatProps {
  readonly label: string;
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
  readonly extent: number;
}

function Heat({ label, values, rows, columns, extent }: HeatProps) {
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      if (rows * columns === 0) return;
      const cells = new OffscreenCanvas(columns, rows);
      const pixels = new ImageData(divergingPixels(values, extent), columns, rows);
      cells.getContext('2d')?.putImageData(pixels, 0, 0);
      context.imageSmoothingEnabled = false;
      context.drawImage(cells, 0, 0, width, height);
    },
    [values, rows, columns, extent],
  );
  return (
    <div className={styles.heat}>
      <span>{label}</span>
      <Canvas label={`${en.weights.heat}, ${label}`} className={styles.heatCanvas} paint={paint} />
    </div>
  );
}

function Scale({ extent }: { extent: number }) {
  const paint = useCallback((context: CanvasRenderingContext2D, width: number, height: number) => {
    const bar = new OffscreenCanvas(DIVERGING.length, 1);
    const bytes = new Uint8ClampedArray(DIVERGING.slice().buffer);
    bar.getContext('2d')?.putImageData(new ImageData(bytes, DIVERGING.length, 1), 0, 0);
    context.drawImage(bar, 0, 0, width, height);
  }, []);
  const end = extent.toPrecision(3);
  return (
    <div className={styles.scale}>
      <span>−{end}</span>
      <Canvas label={`${en.weights.values} −${end} … ${end}`} paint={paint} />
      <span>{end}</span>
    </div>
  );
}
