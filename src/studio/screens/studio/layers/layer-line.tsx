import { memo, type MouseEvent } from 'react';
import { toggleLayers } from '../../../flows/rewrite-layers.ts';
import { formatBytes, formatExactBytes, significant } from '../../../format/format.ts';
import { chosenNow } from '../../../flows/layer-choice.ts';
import { layers as t } from '../../../strings/en-layers.ts';
import { en } from '../../../strings/en.ts';
import { BitsSelect } from './bits-select.tsx';
import type { ErrorAxis } from './error-axis.ts';
import { ErrorMark } from './error-mark.tsx';
import type { LayerRow } from './layer-rows.ts';
import { ShareBar } from './share-bar.tsx';
import styles from './layers-tab.module.css';

/** What every row of the table is drawn with. */
export interface RowContext {
  readonly axis: ErrorAxis | undefined;
  readonly mixed: boolean;
  readonly foreign: boolean;
  /** Bits for layers that no step works on. */
  readonly offered: readonly number[];
  /** Bytes of the file after the recipe. */
  readonly whole: number;
  readonly steps: boolean;
}

interface LayerLineProps {
  readonly row: LayerRow;
  readonly short: string;
  readonly index: number;
  readonly top: number;
  readonly selected: boolean;
  /** Of the selected ones the one that the other tabs show, and arrow keys start from. */
  readonly lead: boolean;
  readonly context: RowContext;
  readonly onSelect: (name: string, event: MouseEvent) => void;
}

export const LayerLine = memo(function LayerLine(props: LayerLineProps) {
  const { row, short, index, top, selected, context } = props;
  const { name, layer, bytesBefore, bytesAfter } = row;
  return (
    // The grid has the focus and handles the keys; a click is a shortcut to the same thing.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      role="row"
      className={styles.row}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-lead={props.lead}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => props.onSelect(name, event)}
    >
      <span role="gridcell">
        <input
          type="checkbox"
          className={styles.use}
          aria-label={t.compress(name)}
          disabled={!context.steps}
          checked={row.targeted}
          onClick={(event) => event.stopPropagation()}
          onChange={() => toggleLayers(together(name))}
        />
      </span>
      <span role="gridcell" data-column="name" title={name}>
        <span className={styles.layerName}>{short}</span>
        <small>{en.roles[layer.role]}</small>
      </span>
      <span role="gridcell" data-column="shape">
        {layer.outFeatures}×{layer.inFeatures}
      </span>
      <span role="gridcell" data-column="before" title={formatExactBytes(bytesBefore)}>
        {formatBytes(bytesBefore)}
      </span>
      <span role="gridcell" data-column="after" title={formatExactBytes(bytesAfter)}>
        {bytesAfter === bytesBefore ? '=' : formatBytes(bytesAfter)}
      </span>
      <span role="gridcell" data-column="share">
        <ShareBar bytes={bytesAfter} whole={context.whole} />
      </span>
      <span role="gridcell" data-column="bits" title={t.perWeight(significant(row.bits))}>
        <BitsOfRow row={row} offered={context.offered} />
      </span>
      <span role="gridcell" data-column="error">
        <ErrorMark row={row} {...context} />
      </span>
    </div>
  );
});

function BitsOfRow({ row, offered }: { row: LayerRow; offered: readonly number[] }) {
  const { name, choice, bits, layer, bytesBefore, bytesAfter } = row;
  // Codes that are not rounded once more have no choice.
  if (layer.stored !== undefined && bytesAfter === bytesBefore)
    return <span>{significant(bits)}</span>;
  return (
    <>
      <BitsSelect
        label={t.bitsOf(name)}
        names={together(name)}
        value={choice === undefined ? undefined : String(choice.bits)}
        offered={choice?.offered ?? offered}
      />
      <span>{significant(bits)}</span>
    </>
  );
}

/** A change of one of the selected layers is meant for all of them. */
function together(name: string): readonly string[] {
  const chosen = chosenNow();
  return chosen.includes(name) ? chosen : [name];
}
