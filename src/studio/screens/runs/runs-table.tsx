import { ArrowDown, ArrowUp } from 'lucide-react';
import { runGroups } from '../../runs/run-row.ts';
import type { SortedColumn } from '../../runs/runs-columns.ts';
import { useModel } from '../../state/model-store.ts';
import { runs as t } from '../../strings/en-runs.ts';
import { en } from '../../strings/en.ts';
import { join } from '../../ui/button.tsx';
import { GroupLines } from './group-lines.tsx';
import { RunLine } from './run-line.tsx';
import type { RunsTableState } from './use-runs-table.ts';
import styles from './runs-table.module.css';

interface RunsTableProps {
  readonly table: RunsTableState;
}

/** Trials by model, each group below its original. */
export function RunsTable({ table }: RunsTableProps) {
  const open = useModel((state) => state.view?.sha256);
  const rows = table.getRowModel().rows.map(({ original }) => original);
  const groups = runGroups(rows, open);
  return (
    // A region that scrolls must be reachable by keyboard (axe: scrollable-region-focusable).
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.scroller} role="region" aria-label={en.runs.table} tabIndex={0}>
      <table className={styles.table}>
        <Head table={table} />
        {groups.map((group) => (
          <tbody key={group.sha256}>
            <GroupLines group={group} table={table} />
            {group.rows.map((row) => (
              <RunLine
                key={row.id}
                row={row}
                selected={table.state.rowSelection[row.id] === true}
                onSelect={(on) => table.getRow(row.id).toggleSelected(on)}
              />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

const HEADS: readonly { readonly id: SortedColumn; readonly number?: true }[] = [
  { id: 'name' },
  { id: 'bytes', number: true },
  { id: 'quality', number: true },
  { id: 'verdict' },
  { id: 'recipe' },
  { id: 'notes' },
  { id: 'createdAt' },
];

function Head({ table }: RunsTableProps) {
  return (
    <thead>
      <tr>
        <th scope="col">
          <span className="visually-hidden">{t.columns.select}</span>
        </th>
        {HEADS.map((head) => (
          <SortHead key={head.id} table={table} {...head} />
        ))}
        <th scope="col">
          <span className="visually-hidden">{t.columns.actions}</span>
        </th>
      </tr>
    </thead>
  );
}

const ARIA = { asc: 'ascending', desc: 'descending' } as const;

interface SortHeadProps extends RunsTableProps {
  readonly id: SortedColumn;
  readonly number?: true;
}

function SortHead({ table, id, number }: SortHeadProps) {
  const column = table.getColumn(id);
  const sorted = column?.getIsSorted() ?? false;
  const Arrow = sorted === 'desc' ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      data-column={id}
      data-number={number}
      aria-sort={sorted === false ? 'none' : ARIA[sorted]}
    >
      <button
        type="button"
        className={join(styles.sort, sorted !== false && styles.sorted)}
        title={t.sortBy(t.columns[id])}
        onClick={() => column?.toggleSorting()}
      >
        {t.columns[id]}
        <Arrow size={12} aria-hidden />
      </button>
    </th>
  );
}
