import { useDeferredValue } from 'react';
import { useForecast } from '../../../state/forecast-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { useModelTrials, useShownTrial } from '../../../state/trials.ts';
import { useView } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';
import { ChoiceMenu } from '../../../ui/choice-menu.tsx';
import { FileReport } from '../file-report/file-report.tsx';
import { ForecastCard } from './forecast-card.tsx';
import { TrialCard } from './trial-card.tsx';
import { Warnings } from './warnings.tsx';
import styles from './result-column.module.css';

/** Above: what the recipe on the bench will weigh. Below: what was measured. */
export function ResultColumn() {
  const view = useModel((state) => state.view);
  const forecast = useForecast((state) => state.forecast);
  const shown = useShownTrial();
  // The card is long: the button that ends a run does not wait for it.
  const trial = useDeferredValue(shown);
  return (
    <>
      <header className={styles.toolbar}>
        <h2>{en.result.title}</h2>
        <TrialChoice />
      </header>
      <div className={styles.scroll}>
        {view && <Warnings sentences={view.warnings} />}
        <FileReport />
        {view && forecast && <ForecastCard view={view} forecast={forecast} trial={trial} />}
        {trial?.report ? (
          <TrialCard trial={trial} report={trial.report} />
        ) : (
          <p className={styles.empty}>{en.result.notRun}</p>
        )}
      </div>
    </>
  );
}

function TrialChoice() {
  const trials = useModelTrials().filter(({ state }) => state === 'done');
  const shown = useShownTrial();
  if (shown === undefined) return null;
  return (
    <ChoiceMenu
      label={en.result.trials}
      value={shown.id}
      choices={trials.map(({ id, name }) => ({ value: id, label: name }))}
      onChange={(trial) => useView.setState({ trial })}
    />
  );
}
