import { ActionIcon } from '../../../actions/action-button.tsx';
import { useRecipe } from '../../../state/recipe-store.ts';
import { useTemporal } from '../../../state/use-temporal.ts';
import { en } from '../../../strings/en.ts';
import { AddStep } from './add-step.tsx';
import { CompareOrders } from './compare-orders.tsx';
import { CalibrationForm } from './calibration-form.tsx';
import { PartsPanel } from './parts-panel.tsx';
import { FitField } from './fit/fit-field.tsx';
import { StartingPoints } from './starting-points.tsx';
import { StepCard } from './step-card.tsx';
import { dragSteps } from './step-drag.ts';
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
        <FitField />
        {/* Whoever has no pointer moves a step by its head's keys, or the buttons in its card. */}
        <ol className={styles.steps} onPointerDown={dragSteps}>
          {steps.map((step, index) => (
            <StepCard key={step.key} step={step} index={index} count={steps.length} />
          ))}
        </ol>
        <AddStep />
        <CompareOrders />
        <CalibrationForm />
      </div>
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
