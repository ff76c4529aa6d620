import { Play } from 'lucide-react';
import { ActionIcon } from '../../../actions/action-button.tsx';
import { action } from '../../../actions/registry.ts';
import { shortcutLabel } from '../../../actions/action.ts';
import { useForecast } from '../../../state/forecast-store.ts';
import { useJob } from '../../../state/job-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { chosenParts } from '../../../state/parts.ts';
import { useRecipe } from '../../../state/recipe-store.ts';
import { useTemporal } from '../../../state/use-temporal.ts';
import { useView } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { AddStep } from './add-step.tsx';
import { CalibrationForm } from './calibration-form.tsx';
import { PartsPanel } from './parts-panel.tsx';
import { generalProblems } from './problems.ts';
import { StartingPoints } from './starting-points.tsx';
import { StepCard } from './step-card.tsx';
import styles from './recipe-column.module.css';

export function RecipeColumn() {
  const steps = useRecipe((state) => state.steps);
  return (
    <>
      <Toolbar />
      <div className={styles.scroll}>
        <PartsPanel />
        {steps.length === 0 && <p className={styles.hint}>{en.recipe.empty}</p>}
        <StartingPoints />
        <ol className={styles.steps}>
          {steps.map((step, index) => (
            <StepCard key={step.key} step={step} index={index} count={steps.length} />
          ))}
        </ol>
        <AddStep />
        <CalibrationForm />
      </div>
      <RunBar />
    </>
  );
}

function Toolbar() {
  const undoable = useTemporal((state) => state.pastStates.length > 0);
  const redoable = useTemporal((state) => state.futureStates.length > 0);
  return (
    <header className={styles.toolbar}>
      <h2>{en.recipe.title}</h2>
      <ActionIcon id="undo" disabled={!undoable} />
      <ActionIcon id="redo" disabled={!redoable} />
      <ActionIcon id="saveRecipe" />
    </header>
  );
}

function RunBar() {
  const running = useJob((state) => state.running);
  const failure = useJob((state) => state.error);
  const forecast = useForecast((state) => state.forecast);
  const forecastError = useForecast((state) => state.error);
  const steps = useRecipe((state) => state.steps);
  const general = generalProblems(forecast?.problems ?? []);
  const also = useView((state) => state.alsoParts);
  const view = useModel((state) => state.view);
  const parts = chosenParts(view, also).length;
  const { perform, shortcut = '' } = action('run');
  const blocked = running || steps.every((step) => step.disabled === true);
  return (
    <footer className={styles.run}>
      {failure && <ErrorNote error={failure} />}
      {forecastError && <ErrorNote error={forecastError} />}
      {general.map(({ message }) => (
        <p key={message} className={styles.problem} role="alert">
          {message}
        </p>
      ))}
      <Button
        tone="primary"
        icon={Play}
        className={styles.runButton}
        disabled={blocked || (forecast?.problems.length ?? 0) > 0}
        onClick={() => void perform()}
      >
        {running ? en.recipe.running : en.recipe.run(parts)}
        <kbd>{shortcutLabel(shortcut)}</kbd>
      </Button>
    </footer>
  );
}
