import { ChevronDown, ChevronRight } from 'lucide-react';
import { memo } from 'react';
import { toggleLayers } from '../../../flows/rewrite-layers.ts';
import { formatBytes, formatExactBytes, significant } from '../../../format/format.ts';
import { selectLayers } from '../../../state/view-store.ts';
import { layers as t } from '../../../strings/en-layers.ts';
import { IconButton } from '../../../ui/button.tsx';
import { BitsSelect } from './bits-select.tsx';
import type { LayerGroup } from './layer-groups.ts';
import type { RowContext } from './layer-line.tsx';
import { ShareBar } from './share-bar.tsx';
import styles from './layers-tab.module.css';

interface GroupLineProps {
  readonly group: LayerGroup;
  readonly folded: boolean;
  readonly index: number;
  readonly top: number;
  readonly context: RowContext;
  readonly onFold: (id: string) => void;
}

/** A block with its sums; what is chosen here is chosen for all of its layers. */
export const GroupLine = memo(function GroupLine(props: GroupLineProps) {
  const { group, folded, index, top, context, onFold } = props;
  const { title, rows, totals } = group;
  const names = rows.map(({ name }) => name);
  return (
    <div
      role="row"
      className={styles.groupRow}
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="gridcell">
        <GroupUse group={group} names={names} disabled={!context.steps} />
      </span>
      <span role="gridcell" data-column="name">
        <IconButton
          icon={folded ? ChevronRight : ChevronDown}
          small
          label={folded ? t.unfold(title) : t.fold(title)}
          aria-expanded={!folded}
          onClick={() => onFold(group.id)}
        />
        <button
          type="button"
          className={styles.groupName}
          title={t.selectGroup(title)}
          onClick={() => selectLayers(names)}
        >
          {title}
        </button>
        <small>{t.count(rows.length)}</small>
      </span>
      <span role="gridcell" data-column="shape" />
      <Sums totals={totals} whole={context.whole} />
      <span role="gridcell" data-column="bits" title={t.perWeight(significant(totals.bits))}>
        <GroupBits group={group} names={names} offered={context.offered} />
        <span>{significant(totals.bits)}</span>
      </span>
      <span role="gridcell" data-column="error" />
    </div>
  );
});

interface SumsProps {
  readonly totals: LayerGroup['totals'];
  readonly whole: number;
}

export function Sums({ totals: { bytesBefore, bytesAfter }, whole }: SumsProps) {
  return (
    <>
      <span role="gridcell" data-column="before" title={formatExactBytes(bytesBefore)}>
        {formatBytes(bytesBefore)}
      </span>
      <span role="gridcell" data-column="after" title={formatExactBytes(bytesAfter)}>
        {bytesAfter === bytesBefore ? '=' : formatBytes(bytesAfter)}
      </span>
      <span role="gridcell" data-column="share">
        <ShareBar bytes={bytesAfter} whole={whole} />
      </span>
    </>
  );
}

interface OfGroupProps {
  readonly group: LayerGroup;
  readonly names: readonly string[];
}

function GroupUse({ group, names, disabled }: OfGroupProps & { disabled: boolean }) {
  const used = group.rows.filter(({ targeted }) => targeted).length;
  return (
    <input
      type="checkbox"
      className={styles.use}
      aria-label={t.compressGroup(group.title)}
      disabled={disabled}
      checked={used > 0}
      ref={(box) => {
        if (box !== null) box.indeterminate = used > 0 && used < names.length;
      }}
      onChange={() => toggleLayers(names)}
    />
  );
}

function GroupBits({ group, names, offered }: OfGroupProps & { offered: readonly number[] }) {
  const choices = group.rows.map(({ choice }) => choice);
  const values = new Set(choices.map((choice) => choice && String(choice.bits)));
  const [value] = values;
  return (
    <BitsSelect
      label={t.bitsOf(group.title)}
      names={names}
      value={values.size > 1 ? t.several : value}
      offered={choices.find((choice) => choice !== undefined)?.offered ?? offered}
    />
  );
}
