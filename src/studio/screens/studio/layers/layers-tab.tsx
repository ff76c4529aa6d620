import { useDeferredValue, useMemo, useState } from 'react';
import { useForecast } from '../../../state/forecast-store.ts';
import { useJob } from '../../../state/job-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { useShownTrial } from '../../../state/trials.ts';
import { en } from '../../../strings/en.ts';
import { filterRows, layerRows, sortRows, type LayerRow, type Sorting } from './layer-rows.ts';
import { LayersTable } from './layers-table.tsx';
import styles from './layers-tab.module.css';

/** All layers with what they weigh, what they will weigh, and what compressing them costs. */
export function LayersTab() {
  const [filter, setFilter] = useState('');
  const [sorting, setSorting] = useState<Sorting>();
  const all = useRows();
  const rows = useMemo(() => sortRows(filterRows(all, filter), sorting), [all, filter, sorting]);
  const skipped = all.filter(({ reason }) => reason !== undefined).length;
  return (
    <>
      <div className={styles.toolbar}>
        <input
          type="search"
          aria-label={en.layers.filter}
          placeholder={en.layers.filter}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <span>{en.layers.count(rows.length)}</span>
        {skipped > 0 && <span>{en.layers.skipped(skipped)}</span>}
        <Legend rows={all} />
      </div>
      {all.length === 0 ? (
        <p className={styles.empty}>{en.layers.none}</p>
      ) : (
        <LayersTable rows={rows} sorting={sorting} onSort={setSorting} />
      )}
    </>
  );
}

function useRows(): LayerRow[] {
  const view = useModel((state) => state.view);
  // Typing and dragging stay ahead of a table of thousands of rows.
  const forecast = useDeferredValue(useForecast((state) => state.forecast));
  const trial = useShownTrial();
  const running = useJob((state) => state.running);
  const live = useDeferredValue(useJob((state) => state.layers));
  return useMemo(
    () =>
      view === undefined
        ? []
        : layerRows({ view, forecast, trial, live: running ? live : undefined }),
    [view, forecast, trial, running, live],
  );
}

function Legend({ rows }: { rows: readonly LayerRow[] }) {
  const kinds = new Set(rows.flatMap(({ errorKind }) => errorKind ?? []));
  if (rows.every(({ error }) => error === undefined)) {
    return <span className={styles.legend}>{en.layers.noErrors}</span>;
  }
  return (
    <span className={styles.legend}>
      <i className={styles.methodKey} /> {en.layers.method}
      {rows.some(({ baselineError }) => baselineError !== undefined) && (
        <>
          <i className={styles.baselineKey} /> {en.layers.baseline}
        </>
      )}
      <span>{kindText(kinds)}</span>
    </span>
  );
}

function kindText(kinds: ReadonlySet<string>): string {
  if (kinds.size > 1) return en.layers.mixedError;
  return kinds.has('output') ? en.layers.outputError : en.layers.weightError;
}
