import { NumberField } from '@base-ui/react/number-field';
import { useId } from 'react';
import type { DataSummary } from '../../../../../workers/protocol.ts';
import { DEFAULT_CALIBRATION } from '../../../../core/recipe/default-calibration.ts';
import { plainSentence } from '../../../recipe/problem-words.ts';
import { useForecast } from '../../../state/forecast-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { setCalibration, setSeed, useRecipe } from '../../../state/recipe-store.ts';
import { en } from '../../../strings/en.ts';
import { data as words } from '../../../strings/en-data.ts';
import { problemsUnder, type Problem } from './problems.ts';
import styles from './recipe-column.module.css';

const NO_PROBLEMS: readonly Problem[] = [];

/** What methods may look at, and the seed of everything random. */
export function CalibrationForm() {
  const chosen = useRecipe((state) => state.calibration);
  const seed = useRecipe((state) => state.seed);
  const data = useModel((state) => state.view?.data.calibration);
  const evaluation = useModel((state) => state.view?.data.evaluation);
  // Only texts are cut to a length.
  const language = useModel((state) => state.view?.hasTokenizer ?? false);
  const all = useForecast((state) => state.forecast?.problems ?? NO_PROBLEMS);
  // Untouched, it stays out of the recipe: the same preset must make the same bytes everywhere.
  const calibration = chosen ?? (data && { data: data.name, ...DEFAULT_CALIBRATION });
  const change = (part: { samples?: number; length?: number }): void => {
    if (calibration !== undefined) setCalibration({ ...calibration, ...part });
  };
  return (
    <section className={styles.calibration} aria-label={en.recipe.calibration}>
      <h3>{en.recipe.calibration}</h3>
      <Summary data={data} none={en.recipe.calibrationNone} />
      <div className={styles.fields}>
        {calibration && (
          <>
            <Count
              label={en.recipe.samples}
              value={calibration.samples}
              maximum={100_000}
              onChange={(samples) => change({ samples })}
            />
            {language && (
              <Count
                label={en.recipe.length}
                value={calibration.length}
                maximum={1_000_000}
                onChange={(length) => change({ length })}
              />
            )}
          </>
        )}
        <Count
          label={en.recipe.seed}
          value={seed}
          minimum={0}
          maximum={4294967295}
          onChange={setSeed}
        />
      </div>
      <h3>{en.recipe.evaluation}</h3>
      <Summary data={evaluation} none={en.recipe.evaluationNone} />
      {problemsUnder(all, 'calibration').map((problem) => (
        <p key={problem.message} className={styles.problem}>
          {plainSentence(problem, [])}
        </p>
      ))}
    </section>
  );
}

/** What was read, and why it cannot be used if so. */
function Summary({ data, none }: { data: DataSummary | undefined; none: string }) {
  return (
    <>
      <p className={styles.note}>{lineOf(data, none)}</p>
      {data?.problem && (
        <p role="alert" className={styles.problem}>
          {data.problem}
        </p>
      )}
    </>
  );
}

function lineOf(data: DataSummary | undefined, none: string): string {
  if (data === undefined) return none;
  if (data.reading === true) return words.reading(data.name);
  return data.summary === '' ? data.name : `${data.name}: ${data.summary}`;
}

interface CountProps {
  readonly label: string;
  readonly value: number;
  readonly minimum?: number;
  readonly maximum: number;
  readonly onChange: (value: number) => void;
}

function Count({ label, value, minimum = 1, maximum, onChange }: CountProps) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <NumberField.Root
        id={id}
        value={value}
        min={minimum}
        max={maximum}
        format={{ useGrouping: false, maximumFractionDigits: 0 }}
        onValueChange={(next) => next !== null && onChange(Math.round(next))}
      >
        <NumberField.Input />
      </NumberField.Root>
    </div>
  );
}
