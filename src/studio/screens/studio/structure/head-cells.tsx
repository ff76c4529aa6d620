import type { KeyboardEvent } from 'react';
import { structure as t } from '../../../strings/en-structure.ts';
import { blockName } from './block-name.ts';
import { lossLevel, lossText } from './loss-level.ts';
import type { BlockRow } from './structure-rows.ts';
import styles from './structure-tab.module.css';

interface HeadCellsProps {
  readonly row: BlockRow;
  readonly onPoint: (words: string | undefined) => void;
}

/** A block's attention heads, each as dark as the model misses it. Arrow keys go through them. */
export function HeadCells({ row, onPoint }: HeadCellsProps) {
  const { block, named, after, heads } = row;
  if (heads.length === 0) return <span className={styles.quiet}>{t.noAttention}</span>;
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
              aria-label={words}
              title={words}
              tabIndex={head === 0 ? 0 : -1}
              onKeyDown={walk}
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

/** One stop for Tab, arrows inside. */
function walk(event: KeyboardEvent<HTMLButtonElement>): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const cells = [...(event.currentTarget.parentElement?.querySelectorAll('button') ?? [])];
  const at = cells.indexOf(event.currentTarget);
  const next = cells.at((at + step + cells.length) % cells.length);
  event.preventDefault();
  event.stopPropagation();
  next?.focus();
}
