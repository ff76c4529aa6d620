import { structure as t } from '../../../strings/en-structure.ts';
import { Bar } from './bar.tsx';
import { blockName } from './block-name.ts';
import { hasBlock } from './cut-steps.ts';
import { HeadCells } from './head-cells.tsx';
import { lossLevel, lossText } from './loss-level.ts';
import { toggleBlock, useCutChoice } from './use-cut-choice.ts';
import { walkRows } from './walk.ts';
import type { BlockRow } from './structure-rows.ts';
import styles from './structure-tab.module.css';

/** The largest of what is drawn as bars. */
export interface Extents {
  readonly feedForward: number;
  readonly influence: number;
}

interface BlockLineProps {
  readonly row: BlockRow;
  readonly extents: Extents;
  readonly onPoint: (words: string | undefined) => void;
}

/** One block: heads, neurons, how far it turns the stream, and what the model loses without it. */
export function BlockLine({ row, extents, onPoint }: BlockLineProps) {
  const { block, named, after, loss, influence } = row;
  const chosen = useCutChoice((choice) => hasBlock(choice, block));
  return (
    <tr data-gone={after === undefined || undefined} data-chosen={chosen || undefined}>
      <th scope="row">
        <button
          type="button"
          className={styles.block}
          aria-pressed={chosen}
          aria-disabled={after === undefined || undefined}
          title={t.chooseBlock(blockName(block, named))}
          onClick={() => after && toggleBlock(block)}
          onKeyDown={walkRows}
        >
          {blockName(block, named)}
        </button>
        {after === undefined && <small data-cut>{t.goes}</small>}
      </th>
      <td>
        <HeadCells row={row} onPoint={onPoint} />
      </td>
      <td>
        <FeedForward row={row} widest={extents.feedForward} />
      </td>
      <td>
        {influence !== undefined && (
          <Bar whole={influence / (extents.influence || 1)} text={influence.toFixed(3)} />
        )}
      </td>
      <td className={styles.loss}>
        {loss && (
          <>
            <i data-level={lossLevel(loss)} aria-hidden />
            {lossText(loss)}
          </>
        )}
      </td>
    </tr>
  );
}

function FeedForward({ row: { block, after }, widest }: { row: BlockRow; widest: number }) {
  const width = block.feedForwardWidth;
  if (width === undefined) return null;
  const left = after === undefined ? 0 : (after.feedForwardWidth ?? 0);
  const cut = left < width;
  return (
    <Bar
      whole={width / widest}
      stays={left / widest}
      cut={cut}
      text={cut ? t.neuronsAfter(width, left) : t.neurons(width)}
    />
  );
}
