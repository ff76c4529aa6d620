import { Image } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import type { BlockPicture, Entry, Preview } from '../../../../../workers/protocol.ts';
import { Canvas } from '../../../charts/canvas.tsx';
import { useSize, type Size } from '../../../charts/use-size.ts';
import { exportBlob } from '../../../flows/export-trial.ts';
import { useModel } from '../../../state/model-store.ts';
import { enWeights as t } from '../../../strings/en-weights.ts';
import { IconButton } from '../../../ui/button.tsx';
import { layoutOf } from './block-layout.ts';
import { blockPng } from './block-png.ts';
import { blockWords } from './block-words.ts';
import { paintBlock } from './paint-block.ts';
import { usePalette } from './palette.ts';
import { useSnapping } from './use-snapping.ts';
import styles from './weights-tab.module.css';

interface BlockViewProps {
  readonly preview: Preview;
  readonly entry: Entry;
}

/** The block of the picked weight: its own grid, and its weights going there. */
export function BlockView({ preview, entry }: BlockViewProps) {
  const { block } = preview;
  const words = blockWords(preview);
  return (
    <figure className={styles.figure}>
      <figcaption>
        <span>{t.block}</span>
        <PngButton {...{ preview, entry }} />
      </figcaption>
      <BlockCanvas {...{ block, entry }} layer={preview.layer} />
      <p className={styles.words}>{words.join(' ')}</p>
    </figure>
  );
}

function PngButton({ preview, entry }: BlockViewProps) {
  const model = useModel((state) => state.view?.name ?? '');
  const png = async (): Promise<void> => {
    const date = new Date().toISOString().slice(0, 10);
    await exportBlob(
      await blockPng({ preview, entry, model, date }),
      `${model}-${preview.layer}-block.png`,
    );
  };
  return <IconButton icon={Image} small label={t.png} onClick={() => void png()} />;
}

interface BlockCanvasProps {
  readonly block: BlockPicture;
  readonly entry: Entry;
  readonly layer: string;
}

function BlockCanvas(props: BlockCanvasProps) {
  const [box, size] = useSize();
  return (
    <div ref={box} className={styles.blockBox}>
      {size && <Sized {...props} {...size} />}
    </div>
  );
}

function Sized({ block, entry, layer, width, height }: BlockCanvasProps & Size) {
  const palette = usePalette();
  const layout = useMemo(() => layoutOf(block, width, height), [block, width, height]);
  const { row, columns } = block.drawn;
  const after = useSnapping(
    layout.after,
    [layer, row, columns.from, columns.end, width, height].join(' '),
  );
  const picked = entry.row === row ? entry.column - columns.from : -1;
  const paint = useCallback(
    (context: CanvasRenderingContext2D, width: number, height: number) => {
      paintBlock({ context, block, layout, after, picked, palette, width, height });
    },
    [block, layout, after, picked, palette],
  );
  const label = block.grid ? t.blockPicture : t.plainPicture;
  return <Canvas label={label} className={styles.fill} paint={paint} />;
}
