import { formatBytes, formatRatio, formatTime } from '../../format/format.ts';
import type { RunRow } from '../../runs/run-row.ts';
import { runs as t } from '../../strings/en-runs.ts';
import { en } from '../../strings/en.ts';
import { CompareToggle } from './compare-toggle.tsx';
import { updateTrial } from './delete-trial.ts';
import { EditableText } from './editable-text.tsx';
import { Measured } from './group-lines.tsx';
import { RunActions, RunAgain } from './run-actions.tsx';
import { VerdictTag } from './verdict-tag.tsx';
import styles from './runs-table.module.css';

interface RunLineProps {
  readonly row: RunRow;
  readonly selected: boolean;
  readonly onSelect: (on: boolean) => void;
}

export function RunLine({ row, selected, onSelect }: RunLineProps) {
  const { id, name, trial, recipe, notes, createdAt, state } = row;
  return (
    <tr
      data-pinned={trial.pinned || undefined}
      data-selected={selected || undefined}
      data-shipped={trial.shipped}
    >
      <td data-column="select">
        <span className={styles.select}>
          {trial.shipped ? (
            <span className={styles.noBox} />
          ) : (
            <label className={styles.box}>
              <input
                type="checkbox"
                aria-label={t.select(name)}
                checked={selected}
                onChange={(event) => onSelect(event.target.checked)}
              />
            </label>
          )}
          <CompareToggle id={id} name={name} disabled={trial.report === undefined} />
        </span>
      </td>
      <td data-column="name">
        <Name row={row} />
      </td>
      {state === 'done' ? <Results row={row} /> : <Stopped row={row} />}
      <td data-column="recipe">{recipe}</td>
      <td data-column="notes">
        {!trial.shipped && (
          <EditableText
            label={en.runs.notesOf(name)}
            placeholder={t.note}
            text={notes}
            onChange={(text) => void updateTrial(id, { notes: text })}
          />
        )}
      </td>
      <td data-column="createdAt">{formatTime(createdAt)}</td>
      <td data-column="actions">
        <RunActions trial={trial} />
      </td>
    </tr>
  );
}

function Name({ row: { id, name, trial } }: { row: RunRow }) {
  if (trial.shipped) {
    return (
      <span className={styles.shipped}>
        {name} <small>{t.shipped}</small>
      </span>
    );
  }
  return (
    <EditableText
      label={en.runs.rename(name)}
      text={name}
      onChange={(text) => text !== '' && void updateTrial(id, { name: text })}
    />
  );
}

function Results({ row: { trial, metric, measured, verdict, found } }: { row: RunRow }) {
  const { report } = trial;
  return (
    <>
      <td data-number data-column="bytes">
        {report && (
          <>
            {formatBytes(report.after.bytes)}{' '}
            <small>{formatRatio(report.before.bytes, report.after.bytes)}</small>
          </>
        )}
      </td>
      <td data-number data-column="quality">
        {metric && measured ? (
          <Measured metric={metric} measured={measured} />
        ) : (
          <span title={report?.notMeasured}>–</span>
        )}
      </td>
      <td data-column="verdict">{verdict && <VerdictTag word={verdict} found={found} />}</td>
    </>
  );
}

/** In place of results: how far it came, and the way on. */
function Stopped({ row: { trial, state } }: { row: RunRow }) {
  return (
    <td colSpan={3} data-column="stopped">
      <span className={styles.stopped} data-state={state}>
        <span>{trial.message ?? `${t.states[state]}. ${t.goesOn}`}</span>
        <RunAgain trial={trial} />
      </span>
    </td>
  );
}
