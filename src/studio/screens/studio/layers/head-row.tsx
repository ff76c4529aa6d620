import { ArrowDown, ArrowUp } from 'lucide-react';
import { layers as t } from '../../../strings/en-layers.ts';
import { AxisLabels } from './error-mark.tsx';
import type { RowContext } from './layer-line.tsx';
import { COLUMNS, type Column, type Sorting } from './layer-rows.ts';
import styles from './layers-tab.module.css';

interface HeadRowProps {
  readonly sorting: Sorting | undefined;
  readonly onSort: (sorting: Sorting | undefined) => void;
  readonly context: RowContext;
  /** Which error it is, and whose. */
  readonly errorTitle: string;
  readonly errorHelp: string;
}

export function HeadRow(props: HeadRowProps) {
  return (
    <div className={styles.headGroup} role="rowgroup">
      <div className={styles.head} role="row" aria-rowindex={1}>
        <span role="columnheader" className={styles.useHead}>
          <span className="visually-hidden">{t.use}</span>
        </span>
        {COLUMNS.map((column) => (
          <HeadCell key={column} column={column} {...props} />
        ))}
      </div>
    </div>
  );
}

function HeadCell(props: HeadRowProps & { readonly column: Column }) {
  const { column, sorting, onSort, context, errorTitle, errorHelp } = props;
  const direction = sorting?.column === column ? sorting.descending : undefined;
  const Arrow = direction === true ? ArrowDown : ArrowUp;
  const title = column === 'error' ? errorTitle : t.columns[column];
  return (
    <span
      role="columnheader"
      aria-sort={direction === undefined ? 'none' : direction ? 'descending' : 'ascending'}
      data-column={column}
    >
      <button
        type="button"
        title={helpOf(column, errorHelp) ?? t.sortBy(title)}
        onClick={() => onSort(nextSorting(column, direction))}
      >
        <span>{title}</span>
        {direction !== undefined && <Arrow size={11} aria-hidden />}
      </button>
      {column === 'error' && <AxisLabels axis={context.axis} />}
    </span>
  );
}

function helpOf(column: Column, errorHelp: string): string | undefined {
  if (column === 'error') return errorHelp;
  return column === 'share' ? t.shareHelp : undefined;
}

/** First as one expects of the column, then the other way, then the model's order again. */
function nextSorting(column: Column, descending: boolean | undefined): Sorting | undefined {
  const first = column !== 'name';
  if (descending === undefined) return { column, descending: first };
  return descending === first ? { column, descending: !first } : undefined;
}
