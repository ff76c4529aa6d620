import { Gauge } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import type { OptionField } from '../../../../core/methods/options-form.ts';
import { measurePositions } from '../../../flows/measure-positions.ts';
import { formatBytes, formatExactBytes, formatMetric } from '../../../format/format.ts';
import { qualitiesFor, type Quality } from '../../../frontier/quality.ts';
import { optionValue, type MethodCard, type OptionValue } from '../../../recipe/method-card.ts';
import { positionRows, type PositionRow } from '../../../recipe/position-rows.ts';
import { positionsOf } from '../../../recipe/positions.ts';
import { benchKey } from '../../../state/bench.ts';
import { useJob } from '../../../state/job-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { recipeOf, setOption, useRecipe, type EditableStep } from '../../../state/recipe-store.ts';
import { useModelTrials } from '../../../state/trials.ts';
import { useView } from '../../../state/view-store.ts';
import { positions as t } from '../../../strings/en-positions.ts';
import { en } from '../../../strings/en.ts';
import { Button, join } from '../../../ui/button.tsx';
import { useSizes } from './use-sizes.ts';
import styles from './positions-table.module.css';

interface PositionsTableProps {
  readonly card: MethodCard;
  readonly field: OptionField;
  readonly step: EditableStep;
  readonly index: number;
}

/** Size and quality of every position of an option: measured ones as they are, the others' size as forecast. */
export function PositionsTable({ card, field, step, index }: PositionsTableProps) {
  const { rows, quality } = usePositions(card, field, step, index);
  const sizes = useSizes(useUnmeasured(rows));
  const chosen = optionValue(step.options, field);
  useShownResult(rows, chosen);
  return (
    <div className={styles.positions}>
      <table aria-label={t.legend(field.title)}>
        <thead>
          <tr>
            <th scope="col">{field.title}</th>
            <th scope="col">{t.size}</th>
            {quality && (
              <th scope="col" colSpan={2}>
                {en.metrics[quality.name]}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row
              key={row.value}
              {...{ row, field, quality }}
              forecast={sizes.get(row.recipe)?.bytes}
              chosen={row.value === chosen}
              onTake={() => setOption(step.key, field.name, row.value)}
            />
          ))}
        </tbody>
      </table>
      <MeasureButton rows={rows} />
    </div>
  );
}

/** A position that was measured shows its result once it is taken, by the slider too. */
function useShownResult(rows: readonly PositionRow[], chosen: OptionValue): void {
  const before = useRef(chosen);
  useEffect(() => {
    if (before.current === chosen) return;
    before.current = chosen;
    const trial = rows.find(({ value }) => value === chosen)?.trial;
    if (trial !== undefined) useView.setState({ trial });
  }, [rows, chosen]);
}

function usePositions(card: MethodCard, field: OptionField, step: EditableStep, index: number) {
  const recipe = recipeOf(useRecipe());
  const trials = useModelTrials();
  const task = useModel((state) => state.view?.task);
  const asked = useView((state) => state.quality);
  // Which position is taken makes no difference to what the positions are.
  const options = { ...step.options, [field.name]: undefined };
  const others = benchKey({ ...recipe, steps: recipe.steps.with(index, { ...step, options }) });
  const positions = useMemo(
    () => positionsOf(recipe, index, card, field),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [others, index, card, field],
  );
  return useMemo(() => {
    const measured = trials.flatMap(({ report }) => report?.evaluation?.compressed ?? []);
    const qualities = task === undefined ? [] : qualitiesFor(task, measured);
    const quality = qualities.find(({ name }) => name === asked) ?? qualities.at(0);
    return { rows: positionRows(positions, trials, quality), quality };
  }, [positions, trials, task, asked]);
}

/** Recipes whose size only a forecast knows: the same list until one of them is run. */
function useUnmeasured(rows: readonly PositionRow[]) {
  return useMemo(
    () => rows.filter(({ trial }) => trial === undefined).map(({ recipe }) => recipe),
    [rows],
  );
}

interface RowProps {
  readonly row: PositionRow;
  readonly field: OptionField;
  readonly quality: Quality | undefined;
  readonly forecast: number | undefined;
  readonly chosen: boolean;
  readonly onTake: () => void;
}

function Row({ row, field, quality, forecast, chosen, onTake }: RowProps) {
  const { value, bytes, metric, share, trial } = row;
  const size = bytes ?? forecast;
  const words = quality && metric && formatMetric(quality.name, metric);
  return (
    <tr className={join(chosen && styles.chosen, trial === undefined && styles.open)}>
      <th scope="row">
        <button
          type="button"
          aria-pressed={chosen}
          aria-label={t.take(field.title, String(value))}
          onClick={onTake}
        >
          {value}
        </button>
      </th>
      <td title={bytes === undefined ? t.forecast : formatExactBytes(bytes)}>
        {size !== undefined && formatBytes(size)}
      </td>
      {quality && (
        <>
          <td>
            {words?.value ?? '–'} <small>{words?.error}</small>
          </td>
          <td className={styles.bar} aria-hidden>
            {share !== undefined && <i style={{ inlineSize: `${100 * share}%` }} />}
          </td>
        </>
      )}
    </tr>
  );
}

/** Stays in reach while something runs or all is measured: then it tells why nothing would happen. */
function MeasureButton({ rows }: { rows: readonly PositionRow[] }) {
  const running = useJob((state) => state.running);
  const open = rows.filter(({ trial }) => trial === undefined).map(({ recipe }) => recipe);
  if (open.length === 0) return <p className={styles.all}>{t.all}</p>;
  return (
    <Button
      icon={Gauge}
      className={styles.measure}
      title={t.help}
      aria-disabled={running || undefined}
      onClick={() => {
        if (!running) void measurePositions(open);
      }}
    >
      {open.length === rows.length ? t.measureAll : t.measureRest(open.length)}
    </Button>
  );
}
