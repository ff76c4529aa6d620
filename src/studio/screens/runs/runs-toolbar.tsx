import { ArrowDown, ArrowUp, Search, Trash2 } from 'lucide-react';
import { useMemo } from 'react';
import type { Trial } from '../../../../workers/protocol.ts';
import { SORTED_COLUMNS } from '../../runs/runs-columns.ts';
import { runs as t } from '../../strings/en-runs.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { ChoiceMenu, type Choice } from '../../ui/choice-menu.tsx';
import { deleteTrials } from './delete-trial.ts';
import type { RunsTableState } from './use-runs-table.ts';
import styles from './runs-screen.module.css';

interface RunsToolbarProps {
  readonly table: RunsTableState;
  readonly trials: readonly Trial[];
}

const ALL = 'all';

/** What is shown of the trials, and what happens to the selected ones. */
export function RunsToolbar({ table, trials }: RunsToolbarProps) {
  const models = useMemo(() => modelChoices(trials), [trials]);
  return (
    <div className={styles.toolbar} role="group" aria-label={t.filter}>
      <label className={styles.search}>
        <Search size={13} aria-hidden />
        <input
          type="search"
          aria-label={t.filter}
          placeholder={t.filter}
          value={String(table.state.globalFilter ?? '')}
          onChange={(event) => table.setGlobalFilter(event.target.value)}
        />
      </label>
      <FilterMenu table={table} id="model" label={t.model} choices={models} />
      <FilterMenu table={table} id="state" label={t.state} choices={STATES} />
      <SortMenu table={table} />
      <span className={styles.count}>
        {t.shown(table.getRowModel().rows.length, trials.length)}
      </span>
      <Selected table={table} />
    </div>
  );
}

const STATES: readonly Choice[] = [
  { value: ALL, label: t.allStates },
  ...Object.entries(t.states).map(([value, label]) => ({ value, label })),
];

function modelChoices(trials: readonly Trial[]): Choice[] {
  const models = new Map(trials.map(({ model }) => [model.sha256, model.name]));
  return [
    { value: ALL, label: t.allModels },
    ...[...models].map(([value, label]) => ({ value, label })),
  ];
}

interface FilterMenuProps {
  readonly table: RunsTableState;
  readonly id: 'model' | 'state';
  readonly label: string;
  readonly choices: readonly Choice[];
}

function FilterMenu({ table, id, label, choices }: FilterMenuProps) {
  const found = table.state.columnFilters.find((filter) => filter.id === id)?.value;
  const value = choices.find((choice) => choice.value === found)?.value ?? ALL;
  return (
    <ChoiceMenu
      label={label}
      value={value}
      choices={choices}
      onChange={(next) => table.getColumn(id)?.setFilterValue(next === ALL ? undefined : next)}
    />
  );
}

/** Where the head of the table has no room. */
function SortMenu({ table }: { table: RunsTableState }) {
  const [sorting] = table.state.sorting;
  const choices = SORTED_COLUMNS.map((value) => ({ value, label: t.columns[value] }));
  const desc = sorting.desc;
  return (
    <span className={styles.sort}>
      <ChoiceMenu
        label={t.sort}
        value={sorting.id}
        choices={choices}
        onChange={(id) => table.setSorting([{ id, desc }])}
      />
      <IconButton
        icon={desc ? ArrowDown : ArrowUp}
        label={desc ? t.descending : t.ascending}
        onClick={() => table.setSorting([{ id: sorting.id, desc: !desc }])}
      />
    </span>
  );
}

function Selected({ table }: { table: RunsTableState }) {
  const rows = table.getFilteredSelectedRowModel().rows;
  if (rows.length === 0) return null;
  return (
    <span className={styles.selected}>
      <span>{t.selected(rows.length)}</span>
      <Button
        icon={Trash2}
        onClick={() => {
          deleteTrials(rows.map(({ original }) => original));
          table.resetRowSelection(true);
        }}
      >
        {t.deleteSelected}
      </Button>
      <Button tone="quiet" onClick={() => table.resetRowSelection(true)}>
        {t.selectNone}
      </Button>
    </span>
  );
}
