import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { selectNeighbour } from '../../../flows/layer-choice.ts';
import { useView } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';
import { COLUMNS, type Column, type LayerRow, type Sorting } from './layer-rows.ts';
import { LayerLine } from './layer-line.tsx';
import styles from './layers-tab.module.css';

interface LayersTableProps {
  readonly rows: readonly LayerRow[];
  readonly sorting: Sorting | undefined;
  readonly onSort: (sorting: Sorting | undefined) => void;
}

const ROW_HEIGHT = 32;

/** A grid of which only the visible rows exist; rows are counted for screen readers all the same. */
export function LayersTable({ rows, sorting, onSort }: LayersTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const selected = useView((state) => state.layer);
  // eslint-disable-next-line react-hooks/incompatible-library -- we do not use the compiler
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const at = rows.findIndex(({ name }) => name === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
    // Only a new selection scrolls, not every new measurement.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selected]);
  const largest = Math.max(...rows.map((row) => Math.max(row.error ?? 0, row.baselineError ?? 0)));
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="grid"
      aria-label={en.layers.table}
      aria-rowcount={rows.length + 1}
      tabIndex={0}
      onKeyDown={moveSelection}
    >
      <HeadRow sorting={sorting} onSort={onSort} />
      <div className={styles.body} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <LayerLine
            key={rows[index].name}
            row={rows[index]}
            index={index}
            top={start}
            selected={index === at}
            largest={largest}
          />
        ))}
      </div>
    </div>
  );
}

function moveSelection(event: KeyboardEvent): void {
  const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (by === 0 || event.target !== event.currentTarget) return;
  event.preventDefault();
  selectNeighbour(by);
}

function HeadRow({ sorting, onSort }: Pick<LayersTableProps, 'sorting' | 'onSort'>) {
  return (
    <div className={styles.headGroup} role="rowgroup">
      <div className={styles.head} role="row" aria-rowindex={1}>
        <span role="columnheader">{en.layers.use}</span>
        {COLUMNS.map((column) => (
          <HeadCell key={column} column={column} sorting={sorting} onSort={onSort} />
        ))}
      </div>
    </div>
  );
}

interface HeadCellProps extends Pick<LayersTableProps, 'sorting' | 'onSort'> {
  readonly column: Column;
}

function HeadCell({ column, sorting, onSort }: HeadCellProps) {
  const direction = sorting?.column === column ? sorting.descending : undefined;
  const Arrow = direction === true ? ArrowDown : ArrowUp;
  const next = (): void => {
    if (direction === undefined) onSort({ column, descending: column !== 'name' });
    else onSort(direction === (column !== 'name') ? { column, descending: !direction } : undefined);
  };
  return (
    <span
      role="columnheader"
      aria-sort={direction === undefined ? 'none' : direction ? 'descending' : 'ascending'}
      data-column={column}
    >
      <button type="button" title={en.layers.sortBy(en.layers[column])} onClick={next}>
        {en.layers[column]}
        {direction !== undefined && <Arrow size={11} aria-hidden />}
      </button>
    </span>
  );
}
