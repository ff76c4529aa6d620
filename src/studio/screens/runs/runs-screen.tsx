import { Download } from 'lucide-react';
import { toStudioError } from '../../../../workers/errors.ts';
import { METRIC_NAMES } from '../../../core/metrics/types.ts';
import type { Trial } from '../../../../workers/protocol.ts';
import { toCsv } from '../../format/csv.ts';
import { formatBytes } from '../../format/format.ts';
import { exportText } from '../../flows/export-trial.ts';
import { useCapabilities } from '../../shell/device-chip.tsx';
import { useTrials } from '../../state/trials.ts';
import { useView } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Comparison } from './comparison.tsx';
import { RunsTable } from './runs-table.tsx';
import { useHidden } from './delete-trial.ts';
import styles from './runs-screen.module.css';

/** Every trial this browser keeps. */
export function RunsScreen() {
  const { trials: all, loading, error } = useTrials();
  const hidden = useHidden((state) => state.ids);
  const compared = useView((state) => state.compared);
  const trials = pinnedFirst(all.filter(({ id }) => !hidden.includes(id)));
  const chosen = compared.flatMap((id) => trials.find((trial) => trial.id === id) ?? []);
  return (
    <main className={styles.screen}>
      <header className={styles.head}>
        <h1>{en.runs.title}</h1>
        <Storage />
        <Button
          icon={Download}
          disabled={trials.length === 0}
          onClick={() => void exportText(csvOf(trials), 'trials.csv', 'text/csv')}
        >
          {en.runs.csv}
        </Button>
      </header>
      {error && <ErrorNote error={toStudioError(error)} />}
      {!loading && trials.length === 0 && <p className={styles.empty}>{en.runs.empty}</p>}
      {trials.length > 0 && <RunsTable trials={trials} />}
      {trials.length > 1 && chosen.length < 2 && (
        <p className={styles.empty}>{en.runs.compareHint}</p>
      )}
      {chosen.length === 2 && <Comparison a={chosen[0]} b={chosen[1]} />}
    </main>
  );
}

function pinnedFirst(trials: readonly Trial[]): Trial[] {
  return [...trials].sort((a, b) => Number(b.pinned ?? false) - Number(a.pinned ?? false));
}

function Storage() {
  const storage = useCapabilities().data?.storage;
  if (storage === undefined) return null;
  const { usedBytes, quotaBytes } = storage;
  return (
    <div className={styles.storage}>
      <span>{en.runs.storage}</span>
      <meter min={0} max={quotaBytes} value={usedBytes} aria-label={en.runs.storage} />
      <span>{en.runs.storageOf(formatBytes(usedBytes), formatBytes(quotaBytes))}</span>
    </div>
  );
}

/** One line per trial, every metric with its error: enough to plot elsewhere. */
function csvOf(trials: readonly Trial[]): string {
  const columns = METRIC_NAMES.flatMap((name) => [name, `${name}StandardError`]);
  const header = [
    'name',
    'model',
    'state',
    'created',
    'bytesBefore',
    'bytesAfter',
    'bitsPerWeight',
    ...columns,
    'sha256',
    'recipe',
    'notes',
  ];
  const rows = trials.map(({ name, model, state, createdAt, report, recipe, notes }) => [
    name,
    model.name,
    state,
    new Date(createdAt).toISOString(),
    report?.before.bytes,
    report?.after.bytes,
    report?.after.bitsPerWeight,
    ...METRIC_NAMES.flatMap((metric) => {
      const found = report?.evaluation?.compressed[metric];
      return [found?.value, found?.standardError];
    }),
    report?.outputSha256,
    JSON.stringify(recipe),
    notes,
  ]);
  return toCsv(header, rows);
}
