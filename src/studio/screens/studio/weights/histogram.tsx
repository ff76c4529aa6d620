import { useCallback, useState, type ReactNode } from 'react';
import type { GridHistogram, Preview } from '../../../../../workers/protocol.ts';
import { Canvas } from '../../../charts/canvas.tsx';
import { grouped } from '../../../format/format.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { Segmented } from '../../../ui/segmented.tsx';
import { paintCodes } from './paint-codes.ts';
import { paintValues } from './paint-values.ts';
import { usePalette } from './palette.ts';
import styles from './weights-tab.module.css';

type Of = 'layer' | 'block';

/**
 * The weights on the values they can take: of the layer in units of their blocks' own grids, or of the chosen block by
 * value; without a grid the layer's weights by value.
 */
export function Histogram({ preview }: { readonly preview: Preview }) {
  const { after, block } = preview;
  const [wanted, setWanted] = useState<Of>('layer');
  const palette = usePalette();
  // Grids that differ by more than their scales have no unit in common: only a block has a picture of its own then.
  const ofLayer = after?.codes;
  const both = ofLayer !== undefined && block.histogram !== undefined;
  const of: Of = both ? wanted : block.histogram === undefined ? 'layer' : 'block';
  const grid = of === 'block' ? block.histogram : ofLayer;
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      context.font = palette.font;
      const scene = { context, palette, width, height };
      if (grid) paintCodes(scene, grid);
      else paintValues(scene, preview);
    },
    [preview, grid, palette],
  );
  return (
    <figure className={styles.figure}>
      <figcaption>
        <span>{of === 'block' ? t.inBlock : ofLayer ? t.inCodes : t.inValues}</span>
        {both && <Segmented label={t.histogramOf} value={of} options={OF} onChange={setWanted} />}
        <Key after={after !== undefined} grid={grid}>
          {of === 'layer' && counted(preview)}
        </Key>
      </figcaption>
      <Canvas
        label={grid ? t.histogramOn(grid.at.length) : t.histogram}
        className={styles.histogram}
        paint={paint}
      />
      {of === 'layer' && ofLayer?.turned && <p className={styles.words}>{t.turnedBlocks}</p>}
    </figure>
  );
}

const OF = [
  { value: 'layer', label: t.ofLayer },
  { value: 'block', label: t.ofBlock },
] as const;

interface KeyProps {
  readonly after: boolean;
  readonly grid: GridHistogram | undefined;
  readonly children: ReactNode;
}

function Key({ after, grid, children }: KeyProps) {
  return (
    <span className={styles.key}>
      {children}
      <i className={styles.outlineKey} /> {t.before}
      {after && (
        <>
          <i className={styles.fillKey} /> {t.after}
        </>
      )}
      {grid === undefined && <span>{t.heights}</span>}
    </span>
  );
}

/** Said where not all of them were counted. */
function counted({ after, rows, columns }: Preview): ReactNode {
  const weights = after?.codes?.weights;
  if (weights === undefined || weights === rows * columns) return null;
  return <span>{t.counted(grouped(weights))}</span>;
}
