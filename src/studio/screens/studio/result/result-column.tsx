import { useDeferredValue } from 'react';
import { useShowsAnother } from '../../../state/bench.ts';
import { useForecast } from '../../../state/forecast-store.ts';
import { useJob } from '../../../state/job-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { useModelTrials, useShownTrial } from '../../../state/trials.ts';
import { useView } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';
import { ChoiceMenu } from '../../../ui/choice-menu.tsx';
import { FileReport } from '../file-report/file-report.tsx';
import { ForecastCard } from './forecast-card.tsx';
import { OrderCard } from './order-card.tsx';
import { RunningCard } from './running-card.tsx';
import { TrialCard } from './trial-card.tsx';
import { Warnings } from './warnings.tsx';
import styles from './result-column.module.css';

/**
 * One card: the forecast of the recipe on the bench (dashed), which a run turns into what was measured (solid). Only
 * while the shown trial came of another recipe the bench keeps a short forecast of its own above it.
 */
export function ResultColumn() {
  const view = useModel((state) => state.view);
  return (
    <>
      <header className={styles.toolbar}>
        <h2>{en.result.title}</h2>
        <TrialChoice />
      </header>
      <div className={styles.scroll}>
        {view && <Warnings sentences={view.warnings} />}
        <FileReport />
        <OrderCard />
        <Bench />
        <Shown />
      </div>
    </>
  );
}

/** What the recipe on the bench will come to, or is about to. */
function Bench() {
  const view = useModel((state) => state.view);
  const forecast = useForecast((state) => state.forecast);
  const interim = useJob((state) => state.interim);
  const another = useShowsAnother();
  const shown = useShownTrial();
  if (view === undefined) return null;
  if (interim !== undefined) return <RunningCard view={view} interim={interim} />;
  if (forecast === undefined || (shown?.report !== undefined && !another)) return null;
  return <ForecastCard view={view} forecast={forecast} short={shown?.report !== undefined} />;
}

function Shown() {
  const shown = useShownTrial();
  const another = useShowsAnother();
  // The card is long: the button that ends a run does not wait for it.
  const trial = useDeferredValue(shown);
  if (trial?.report === undefined) return null;
  return <TrialCard trial={trial} report={trial.report} another={another} />;
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
