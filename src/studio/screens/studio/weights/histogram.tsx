import { useCallback, type ReactNode } from 'react';
import type { AfterPicture, Preview } from '../../../../../workers/protocol.ts';
import { Canvas } from '../../../charts/canvas.tsx';
import { grouped } from '../../../format/format.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { paintCodes } from './paint-codes.ts';
import { paintValues } from './paint-values.ts';
import { usePalette } from './palette.ts';
import styles from './weights-tab.module.css';

/** All weights of the layer: on the grid of their blocks where there is one, else by value. */
export function Histogram({ preview }: { readonly preview: Preview }) {
  const { after } = preview;
  const palette = usePalette();
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      context.font = palette.font;
      const scene = { context, palette, width, height };
      if (after?.codes) paintCodes(scene, after.codes);
      else paintValues(scene, preview);
    },
    [preview, after, palette],
  );
  return (
    <figure className={styles.figure}>
      <figcaption>
        <span>{after?.codes ? t.inCodes : t.inValues}</span>
        <Key after={after}>{counted(preview)}</Key>
      </figcaption>
      <Canvas label={t.histogram} className={styles.histogram} paint={paint} />
      {after?.codes?.turned && <p className={styles.words}>{t.turnedBlocks}</p>}
    </figure>
  );
}

function Key({
  after,
  children,
}: {
  readonly after: AfterPicture | undefined;
  readonly children: ReactNode;
}) {
  return (
    <span className={styles.key}>
      {children}
      <i className={styles.outlineKey} /> {t.before}
      {after && (
        <>
          <i className={styles.fillKey} /> {t.after}
        </>
      )}
      {after?.codes === undefined && <span>{t.heights}</span>}
    </span>
  );
}

/** Said where not all of them were counted. */
function counted({ after, rows, columns }: Preview): ReactNode {
  const weights = after?.codes?.weights;
  if (weights === undefined || weights === rows * columns) return null;
  return <span>{t.counted(grouped(weights))}</span>;
}
