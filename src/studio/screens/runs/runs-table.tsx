import { Pin, Trash2, Undo2 } from 'lucide-react';
import { useLocation } from 'wouter';
import type { MetricName } from '../../../core/metrics/types.ts';
import { recipeLine } from '../../../core/recipe/describe.ts';
import type { Trial } from '../../../../workers/protocol.ts';
import { formatBytes, formatMetric, formatRatio, formatTime } from '../../format/format.ts';
import { useModel } from '../../state/model-store.ts';
import { loadRecipe } from '../../state/recipe-store.ts';
import { notify } from '../../state/notice-store.ts';
import { toggleCompared, useView } from '../../state/view-store.ts';
import { en } from '../../strings/en.ts';
import { IconButton } from '../../ui/button.tsx';
import { deleteTrial, updateTrial } from './delete-trial.ts';
import styles from './runs-screen.module.css';

export function RunsTable({ trials }: { trials: readonly Trial[] }) {
  const t = en.runs;
  return (
    // A region that scrolls must be reachable by keyboard (axe: scrollable-region-focusable).
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.scroller} role="region" aria-label={t.table} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t.compare}</th>
            <th scope="col">{t.name}</th>
            <th scope="col" data-wide>
              {t.model}
            </th>
            <th scope="col" data-wide>
              {t.recipe}
            </th>
            <th scope="col" data-number>
              {t.size}
            </th>
            <th scope="col" data-number>
              {t.quality}
            </th>
            <th scope="col" data-wide>
              {t.when}
            </th>
            <th scope="col" data-wide>
              {t.notes}
            </th>
            <th scope="col">
              <span className="visually-hidden">{t.state}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {trials.map((trial) => (
            <Line key={trial.id} trial={trial} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ trial }: { trial: Trial }) {
  const { id, name, model, recipe, report, createdAt, notes = '' } = trial;
  const compared = useView((state) => state.compared);
  return (
    <tr data-pinned={trial.pinned || undefined}>
      <td>
        <label className={styles.tick}>
          <input
            type="checkbox"
            aria-label={en.runs.select(name)}
            checked={compared.includes(id)}
            onChange={() => toggleCompared(id)}
          />
          <span aria-hidden>{['A', 'B'][compared.indexOf(id)]}</span>
        </label>
      </td>
      <td>
        <EditableText
          label={en.runs.rename(name)}
          text={name}
          onChange={(text) => text !== '' && void updateTrial(id, { name: text })}
        />
        <small className={styles.under}>
          {model.name} · {recipeLine(recipe)}
        </small>
      </td>
      <td data-wide>{model.name}</td>
      <td data-wide className={styles.recipe} title={recipeLine(recipe)}>
        {recipeLine(recipe)}
      </td>
      <td data-number>
        {report && (
          <>
            {formatBytes(report.after.bytes)}{' '}
            <small>{formatRatio(report.before.bytes, report.after.bytes)}</small>
          </>
        )}
      </td>
      <td data-number>
        <Quality trial={trial} />
      </td>
      <td data-wide>{formatTime(createdAt)}</td>
      <td data-wide>
        <EditableText
          label={en.runs.notesOf(name)}
          text={notes}
          onChange={(text) => void updateTrial(id, { notes: text })}
        />
      </td>
      <td>
        <Buttons trial={trial} />
      </td>
    </tr>
  );
}

const MAIN: readonly MetricName[] = ['perplexity', 'accuracy', 'cosine', 'relativeError'];

function Quality({ trial: { state, message, report } }: { trial: Trial }) {
  const metrics = report?.evaluation?.compressed ?? {};
  const main = MAIN.find((name) => metrics[name] !== undefined);
  const metric = main && metrics[main];
  if (state !== 'done' || main === undefined || metric === undefined) {
    return <span title={message}>{en.runs.states[state]}</span>;
  }
  const { value, error } = formatMetric(main, metric);
  return (
    <span title={`${en.metrics[main]}, ${en.frontier.n} = ${metric.n}`}>
      {value} <small>{error}</small>
    </span>
  );
}

function Buttons({ trial }: { trial: Trial }) {
  const [, navigate] = useLocation();
  const open = useModel((state) => state.view !== undefined);
  const recall = (): void => {
    loadRecipe(trial.recipe);
    useView.setState({ trial: trial.id });
    notify(en.frontier.restored(trial.name));
    navigate(open ? '/studio' : '/');
  };
  return (
    <span className={styles.buttons}>
      <IconButton icon={Undo2} small label={en.runs.openInStudio(trial.name)} onClick={recall} />
      <IconButton
        icon={Pin}
        small
        label={en.runs.pin(trial.name)}
        aria-pressed={trial.pinned ?? false}
        onClick={() => void updateTrial(trial.id, { pinned: !(trial.pinned ?? false) })}
      />
      <IconButton
        icon={Trash2}
        small
        label={en.runs.delete(trial.name)}
        onClick={() => deleteTrial(trial)}
      />
    </span>
  );
}

interface EditableTextProps {
  readonly label: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** Text that is a field when one writes in it; leaving it keeps the change, Esc gives it up. */
function EditableText({ label, text, onChange }: EditableTextProps) {
  return (
    <input
      key={text}
      className={styles.text}
      aria-label={label}
      defaultValue={text}
      onBlur={(event) => {
        const next = event.target.value.trim();
        if (next !== text) onChange(next);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.value = text;
        if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur();
      }}
    />
  );
}
