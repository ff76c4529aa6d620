import { formatBytes } from '../../../../format/format.ts';
import { bits as t } from '../../../../strings/en-bits.ts';
import { bitsText, lossShare, type BitsCell } from './bits-rows.ts';
import { shadeStyle } from './shade-style.ts';
import styles from './bits.module.css';

interface CellButtonProps {
  readonly cell: BitsCell;
  /** Loss of the layer that loses most. */
  readonly largest: number;
  readonly selected: boolean;
  /** Tab stops at one cell; arrow keys go to the others. */
  readonly tabbed: boolean;
  readonly onPoint: (cell: BitsCell | undefined) => void;
  readonly onSelect: () => void;
}

/** One layer: as dark as its bits, with a mark as long as its loss. */
export function CellButton({ cell, largest, selected, tabbed, ...on }: CellButtonProps) {
  const { layer, bits, before, after, loss } = cell;
  return (
    <button
      type="button"
      className={styles.cell}
      style={shadeStyle(bits)}
      data-same={after === before || undefined}
      aria-label={t.cell(layer.name, bitsText(bits), formatBytes(after))}
      aria-pressed={selected}
      tabIndex={tabbed ? 0 : -1}
      onClick={on.onSelect}
      onMouseEnter={() => on.onPoint(cell)}
      onMouseLeave={() => on.onPoint(undefined)}
      onFocus={() => on.onPoint(cell)}
      onBlur={() => on.onPoint(undefined)}
    >
      {bitsText(bits)}
      {loss !== undefined && <i style={{ width: `${lossShare(loss, largest)}%` }} />}
    </button>
  );
}
