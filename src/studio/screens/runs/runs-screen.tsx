import { Download } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import { toStudioError } from '../../../../workers/errors.ts';
import type { Trial } from '../../../../workers/protocol.ts';
import { exportText } from '../../flows/export-trial.ts';
import { runsCsv } from '../../runs/runs-csv.ts';
import { useView } from '../../state/view-store.ts';
import { compare } from '../../strings/en-compare.ts';
import { runs as t } from '../../strings/en-runs.ts';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { CompareBar } from './compare-bar.tsx';
import { Comparison } from './compare/comparison.tsx';
import { NoRuns } from './no-runs.tsx';
import { RunsTable } from './runs-table.tsx';
import { RunsToolbar } from './runs-toolbar.tsx';
import { Keeping } from './storage/keeping.tsx';
import { Storage } from './storage/storage.tsx';
import { useAllTrials } from './use-all-trials.ts';
import { useRunsTable } from './use-runs-table.ts';
import styles from './runs-screen.module.css';

/** Every trial this browser keeps, and those that ship with the model at hand. */
export function RunsScreen() {
  const { trials: own, shipped, loading, error } = useAllTrials();
  const trials = useMemo(() => [...own, ...shipped], [own, shipped]);
  return (
    <main className={styles.screen}>
      <Runs own={own} trials={trials}>
        {error && <ErrorNote error={toStudioError(error)} />}
        <Keeping trials={own} />
        {!loading && own.length === 0 && <NoRuns example={shipped.at(0)?.model.name} />}
      </Runs>
    </main>
  );
}

interface RunsProps {
  readonly own: readonly Trial[];
  readonly trials: readonly Trial[];
  readonly children: ReactNode;
}

function Runs({ own, trials, children }: RunsProps) {
  const table = useRunsTable(trials);
  const compared = useView((state) => state.compared);
  const chosen = useMemo(
    () => compared.flatMap((id) => trials.find((trial) => trial.id === id) ?? []),
    [compared, trials],
  );
  const { rows } = table.getRowModel();
  const shown = (): Trial[] => rows.map(({ original }) => original.trial);
  return (
    <>
      <header className={styles.head}>
        <h1>{en.runs.title}</h1>
        <Storage trials={own} />
        <Button
          icon={Download}
          disabled={trials.length === 0}
          onClick={() => void exportText(runsCsv(shown()), 'trials.csv', 'text/csv')}
        >
          {en.runs.csv}
        </Button>
      </header>
      {children}
      {trials.length > 0 && <RunsToolbar table={table} trials={trials} />}
      {rows.length > 0 && <RunsTable table={table} />}
      {trials.length > 0 && rows.length === 0 && <NoneFits onClear={() => clearFilters(table)} />}
      {trials.length > 1 && chosen.length < 2 && <p className={styles.hint}>{compare.hint}</p>}
      <CompareBar trials={chosen} />
      {chosen.length > 1 && <Comparison trials={chosen} />}
    </>
  );
}

function clearFilters(table: ReturnType<typeof useRunsTable>): void {
  table.setGlobalFilter('');
  table.setColumnFilters([]);
}

function NoneFits({ onClear }: { onClear: () => void }) {
  return (
    <p className={styles.none}>
      {t.none} <Button onClick={onClear}>{t.clearFilter}</Button>
    </p>
  );
}
