import { structure as t } from '../../../strings/en-structure.ts';
import { blockName } from './block-name.ts';
import { lossLevel, lossText } from './loss-level.ts';
import { hasHead } from './cut-steps.ts';
import { toggleHead, useCutChoice } from './use-cut-choice.ts';
import { walkHeads } from './walk.ts';
import type { BlockRow } from './structure-rows.ts';
import styles from './structure-tab.module.css';

interface HeadCellsProps {
  readonly row: BlockRow;
  readonly onPoint: (words: string | undefined) => void;
}

/** A block's attention heads, each as dark as the model misses it. A click chooses one; arrow keys go through them. */
export function HeadCells({ row, onPoint }: HeadCellsProps) {
  const { block, named, after, heads } = row;
  const choice = useCutChoice();
  if (heads.length === 0) return <span className={styles.quiet}>{t.noAttention}</span>;
  const gone = (head: number): boolean => after === undefined || row.cut.includes(head);
  const left = after === undefined ? 0 : (after.heads ?? heads.length);
  return (
    <span className={styles.headsBox}>
      <span className={styles.heads} role="group" aria-label={t.columns.heads}>
        {heads.map((loss, head) => {
          const said = loss && lossText(loss);
          const words = t.head(blockName(block, named), head, said);
          return (
            <button
              key={head}
              type="button"
              data-level={lossLevel(loss)}
              data-out={row.cut.includes(head) || undefined}
              aria-label={words}
              aria-pressed={hasHead(choice, { ...block, head })}
              aria-disabled={gone(head) || undefined}
              onClick={() => gone(head) || toggleHead(block, head)}
              title={words}
              tabIndex={head === 0 ? 0 : -1}
              onKeyDown={walkHeads}
              onMouseEnter={() => onPoint(words)}
              onMouseLeave={() => onPoint(undefined)}
              onFocus={() => onPoint(words)}
            />
          );
        })}
      </span>
      <small data-cut={left < heads.length || undefined}>
        {left < heads.length
          ? t.headsAfter(heads.length, left)
          : t.ofHeads(heads.length, block.keyValueHeads)}
      </small>
    </span>
  );
}
