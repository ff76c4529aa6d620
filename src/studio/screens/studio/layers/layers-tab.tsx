import { Download } from 'lucide-react';
import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { exportText } from '../../../flows/export-trial.ts';
import { formatBytes } from '../../../format/format.ts';
import { bitsByLayer, bitsToOffer, targetedLayers } from '../../../recipe/layer-bits.ts';
import { methodCard } from '../../../recipe/method-card.ts';
import { useForecast } from '../../../state/forecast-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { useRecipe } from '../../../state/recipe-store.ts';
import { useView } from '../../../state/view-store.ts';
import { layers as t } from '../../../strings/en-layers.ts';
import { IconButton } from '../../../ui/button.tsx';
import { errorAxis } from './error-axis.ts';
import { ErrorLegend, errorWords } from './error-legend.tsx';
import { flatLines, groupedLines, groupRows, totalsOf } from './layer-groups.ts';
import { filterRows, layerRows, sortRows, type LayerRow, type Sorting } from './layer-rows.ts';
import type { RowContext } from './layer-line.tsx';
import { layersCsv } from './layers-csv.ts';
import { LayersTable } from './layers-table.tsx';
import { useErrors, type ShownErrors } from './use-errors.ts';
import styles from './layers-tab.module.css';

/** All layers by block: what they weigh and will weigh, in how many bits, and what compressing them costs. */
export function LayersTab() {
  const [filter, setFilter] = useState('');
  const [sorting, setSorting] = useState<Sorting>();
  const { folded, onFold } = useFolded();
  const shown = useErrors();
  const { rows: all, offered, steps } = useRows(shown);
  const rows = useMemo(() => filterRows(all, filter), [all, filter]);
  const lines = useMemo(
    () =>
      sorting === undefined
        ? groupedLines(groupRows(rows), folded)
        : flatLines(sortRows(rows, sorting), all),
    [rows, sorting, folded, all],
  );
  const bytes = useFileBytes();
  const words = errorWords(all, shown);
  const context = useMemo(
    (): RowContext => ({
      axis: errorAxis(all),
      mixed: words.mixed,
      foreign: shown.of === 'other',
      offered,
      whole: bytes.after,
      steps,
    }),
    [all, words.mixed, shown.of, offered, bytes.after, steps],
  );
  const file = t.file(formatBytes(bytes.before), formatBytes(bytes.after));
  if (all.length === 0) return <p className={styles.empty}>{t.none}</p>;
  return (
    <>
      <Toolbar {...{ filter, setFilter, rows, shown }} />
      {lines.length === 0 ? (
        <p className={styles.empty}>{t.nothing}</p>
      ) : (
        <LayersTable
          {...{ lines, context, sorting, onFold }}
          onSort={setSorting}
          errorTitle={words.title}
          errorHelp={words.help}
          totals={{ ...totalsOf(rows), title: t.total(rows.length), file }}
        />
      )}
    </>
  );
}

interface ToolbarProps {
  readonly filter: string;
  readonly setFilter: (filter: string) => void;
  readonly rows: readonly LayerRow[];
  readonly shown: ShownErrors;
}

function Toolbar({ filter, setFilter, rows, shown }: ToolbarProps) {
  const chosen = useView((state) => state.alongside.length + 1);
  const left = rows.filter(({ reason }) => reason !== undefined).length;
  const csv = (): void =>
    void exportText(layersCsv(rows, shown.name ?? shown.of), 'layers.csv', 'text/csv');
  return (
    <div className={styles.toolbar}>
      <input
        type="search"
        aria-label={t.filter}
        placeholder={t.filter}
        value={filter}
        onChange={(event) => setFilter(event.target.value)}
      />
      <span>{t.count(rows.length)}</span>
      {left > 0 && <span>{t.left(left)}</span>}
      {chosen > 1 && <strong>{t.chosen(chosen)}</strong>}
      <span className={styles.end}>
        <ErrorLegend rows={rows} shown={shown} />
        <IconButton icon={Download} label={t.csv} onClick={csv} />
      </span>
      <Keys />
    </div>
  );
}

/** What a keyboard can do here, where there is one. */
function Keys() {
  return (
    <p className={styles.keys}>
      {t.keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}{' '}
      {t.keysHelp} <kbd>E</kbd> {t.leaveHelp} <kbd>Shift</kbd> {t.severalHelp}
    </p>
  );
}

function useFolded() {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const onFold = useCallback((id: string): void => {
    setFolded((now) => {
      const next = new Set(now);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  return { folded, onFold };
}

function useFileBytes(): { readonly before: number; readonly after: number } {
  const before = useModel((state) => state.view?.bytes ?? 0);
  const after = useForecast((state) => state.forecast?.bytes);
  return { before, after: after ?? before };
}

const NO_ROWS = { rows: [], offered: [], steps: false } as const;

function useRows({ errors }: ShownErrors) {
  const view = useModel((state) => state.view);
  // Typing and dragging stay ahead of a table of thousands of rows.
  const forecast = useDeferredValue(useForecast((state) => state.forecast));
  // What was chosen shows at once: a box that is unticked stays so.
  const steps = useRecipe((state) => state.steps);
  const selected = useRecipe((state) => state.selected);
  const bench = useMemo(() => {
    if (view === undefined) return undefined;
    const preferred = steps.find(({ key }) => key === selected);
    const on = { anatomy: view.anatomy, steps, card: methodCard, preferred };
    return { choices: bitsByLayer(on), targeted: targetedLayers(on), offered: bitsToOffer(on) };
  }, [view, steps, selected]);
  return useMemo(() => {
    if (view === undefined || bench === undefined) return NO_ROWS;
    const active = steps.some(({ disabled }) => disabled !== true);
    const rows = layerRows({ view, forecast, errors, ...bench, steps: active });
    return { rows, offered: bench.offered, steps: active };
  }, [view, forecast, errors, bench, steps]);
}
