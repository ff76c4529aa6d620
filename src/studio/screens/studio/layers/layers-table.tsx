import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { layers as t } from '../../../strings/en-layers.ts';
import type { Totals } from './layer-groups.ts';
import { GroupLine, Sums } from './group-line.tsx';
import { HeadRow } from './head-row.tsx';
import type { Line } from './layer-groups.ts';
import { LayerLine, type RowContext } from './layer-line.tsx';
import type { Sorting } from './layer-rows.ts';
import { useRowHeight } from './use-row-height.ts';
import { useSelection } from './use-selection.ts';
import styles from './layers-tab.module.css';

interface LayersTableProps {
  readonly lines: readonly Line[];
  readonly context: RowContext;
  readonly errorTitle: string;
  readonly errorHelp: string;
  readonly sorting: Sorting | undefined;
  readonly onSort: (sorting: Sorting | undefined) => void;
  readonly onFold: (id: string) => void;
  readonly totals: Totals & { readonly title: string; readonly file: string };
}

/** A grid of which only the visible rows exist; rows are counted for screen readers all the same. */
export function LayersTable(props: LayersTableProps) {
  const { lines, context, totals } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const height = useRowHeight();
  const selection = useSelection(lines, context.offered);
  // eslint-disable-next-line react-hooks/incompatible-library -- we do not use the compiler
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 6,
  });
  const { layer } = selection;
  useEffect(() => {
    const at = lines.findIndex((line) => line.kind === 'layer' && line.row.name === layer);
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
    // Only a new selection scrolls, not every new measurement.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [layer]);
  useEffect(() => virtual.measure(), [virtual, height]);
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="grid"
      aria-label={t.table}
      aria-multiselectable
      aria-rowcount={lines.length + 2}
      tabIndex={0}
      onKeyDown={selection.onKeyDown}
    >
      <HeadRow {...props} />
      <div className={styles.body} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          return line.kind === 'group' ? (
            <GroupLine
              key={line.id}
              {...{ group: line.group, folded: line.folded, index, top: start, context }}
              onFold={props.onFold}
            />
          ) : (
            <LayerLine
              key={line.id}
              {...{ row: line.row, short: line.short, index, top: start, context }}
              selected={selection.chosen.has(line.row.name)}
              lead={line.row.name === layer}
              onSelect={selection.onSelect}
            />
          );
        })}
      </div>
      <div className={styles.totals} role="rowgroup">
        <div role="row" className={styles.totalRow} aria-rowindex={lines.length + 2}>
          <span role="gridcell" />
          <span role="gridcell" data-column="name">
            {totals.title}
          </span>
          <span role="gridcell" data-column="shape" />
          <Sums totals={totals} whole={context.whole} />
          <span role="gridcell" data-column="bits">
            <span>{totals.bits.toFixed(2)}</span>
          </span>
          <span role="gridcell" data-column="error">
            {totals.file}
          </span>
        </div>
      </div>
    </div>
  );
}
