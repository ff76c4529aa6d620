import { Download } from 'lucide-react';
import { useMemo } from 'react';
import { toStudioError } from '../../../../workers/errors.ts';
import type { Trial } from '../../../../workers/protocol.ts';
import { exportText } from '../../flows/export-trial.ts';
import { runsCsv } from '../../runs/runs-csv.ts';
import { useTrials } from '../../state/trials.ts';
import { useView } from '../../state/view-store.ts';
import { compare } from '../../strings/en-compare.ts';
import { runs as t } from '../../strings/en-runs.ts';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { CompareBar } from './compare-bar.tsx';
import { Comparison } from './compare/comparison.tsx';
import { useHidden } from './delete-trial.ts';
import { NoRuns } from './no-runs.tsx';
import { RunsTable } from './runs-table.tsx';
import { RunsToolbar } from './runs-toolbar.tsx';
import { Storage } from './storage/storage.tsx';
import { useRunsTable } from './use-runs-table.ts';
import styles from './runs-screen.module.css';

/** Every trial this browser keeps. */
export function RunsScreen() {
  const { trials: all, loading, error } = useTrials();
  const hidden = useHidden((state) => state.ids);
  const trials = useMemo(() => all.filter(({ id }) => !hidden.includes(id)), [all, hidden]);
  return (
    <main className={styles.screen}>
      {error && <ErrorNote error={toStudioError(error)} />}
      {trials.length > 0 ? <Runs trials={trials} /> : <Nothing loading={loading} />}
    </main>
  );
}

function Nothing({ loading }: { loading: boolean }) {
  return (
    <>
      <header className={styles.head}>
        <h1>{en.runs.title}</h1>
        <Storage trials={[]} />
      </header>
      {!loading && <NoRuns />}
    </>
  );
}

function Runs({ trials }: { trials: readonly Trial[] }) {
  const table = useRunsTable(trials);
  const compared = useView((state) => state.compared);
  const chosen = useMemo(
    () => compared.flatMap((id) => trials.find((trial) => trial.id === id) ?? []),
    [compared, trials],
  );
  const { rows } = table.getRowModel();
  return (
    <>
      <header className={styles.head}>
        <h1>{en.runs.title}</h1>
        <Storage trials={trials} />
        <Button
          icon={Download}
          onClick={() => {
            const shown = rows.map(({ original }) => original.trial);
            void exportText(runsCsv(shown), 'trials.csv', 'text/csv');
          }}
        >
          {en.runs.csv}
        </Button>
      </header>
      <RunsToolbar table={table} trials={trials} />
      {rows.length === 0 ? <NoneFits onClear={() => clearFilters(table)} /> : <RunsTable table={table} />}
      {trials.length > 1 && chosen.length < 2 && <p className={styles.hint}>{compare.hint}</p>}
      {chosen.length > 1 && <Comparison trials={chosen} />}
      <CompareBar trials={chosen} />
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
