import { Play, Square, TriangleAlert } from 'lucide-react';
import { useId } from 'react';
import { action } from '../../../actions/registry.ts';
import { shortcutLabel } from '../../../actions/action.ts';
import { mendRecipe, showStep } from '../../../flows/mend-recipe.ts';
import { cancelRun } from '../../../flows/run-recipe.ts';
import { formatSeconds } from '../../../format/format.ts';
import { methodCard } from '../../../recipe/method-card.ts';
import { mendLabel, obstacleOf, type Obstacle } from '../../../recipe/obstacle.ts';
import { stepNames } from '../../../recipe/step-names.ts';
import { useForecast } from '../../../state/forecast-store.ts';
import { useJob } from '../../../state/job-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { chosenParts } from '../../../state/parts.ts';
import { useRecipe } from '../../../state/recipe-store.ts';
import { useView } from '../../../state/view-store.ts';
import { obstacles } from '../../../strings/en-obstacles.ts';
import { recipe as words } from '../../../strings/en-recipe.ts';
import { en } from '../../../strings/en.ts';
import { Button, join } from '../../../ui/button.tsx';
import { ErrorNote } from '../../../ui/error-note.tsx';
import { ForecastLine } from './forecast-line.tsx';
import styles from './run-bar.module.css';

/** The id of the Run button, for the link that skips to it. */
export const RUN_ID = 'run';

/** Run, what stands in its way, and on a narrow screen how far it is: under whatever pane is shown. */
export function RunBar() {
  const running = useJob((state) => state.running);
  const failure = useJob((state) => state.error);
  const forecastError = useForecast((state) => state.error);
  const obstacle = useObstacle();
  const reason = useId();
  return (
    <div className={styles.bar}>
      {failure && <ErrorNote error={failure} />}
      {forecastError && <ErrorNote error={forecastError} />}
      {obstacle && <InTheWay obstacle={obstacle} id={reason} />}
      <ForecastLine />
      <div className={styles.buttons}>
        <RunButton
          running={running}
          obstacle={obstacle}
          describedBy={obstacle === undefined ? undefined : reason}
        />
        {running && <CancelButton />}
      </div>
    </div>
  );
}

function useObstacle(): Obstacle | undefined {
  const steps = useRecipe((state) => state.steps);
  const problems = useForecast((state) => state.forecast?.problems);
  return obstacleOf({
    steps,
    names: stepNames(steps),
    problems: problems ?? [],
    cardOf: methodCard,
  });
}

/** The first problem in words; a click leads to its step, a button mends it where that can be told. */
function InTheWay({ obstacle, id }: { obstacle: Obstacle; id: string }) {
  const { sentence, key, mend, more, calm } = obstacle;
  const text = more > 0 ? `${sentence} (${obstacles.more(more)})` : sentence;
  return (
    <div className={join(styles.obstacle, calm && styles.calm)} role={calm ? undefined : 'alert'}>
      <TriangleAlert size={14} aria-hidden />
      {key === undefined ? (
        <p id={id}>{text}</p>
      ) : (
        <button type="button" id={id} title={obstacles.show} onClick={() => showStep(key)}>
          {text}
        </button>
      )}
      {mend && (
        <Button className={styles.mend} onClick={() => mendRecipe(mend)}>
          {mendLabel(mend)}
        </Button>
      )}
    </div>
  );
}

interface RunButtonProps {
  readonly running: boolean;
  readonly obstacle: Obstacle | undefined;
  readonly describedBy: string | undefined;
}

/** Stays in reach when it cannot be pressed: then it tells why. */
function RunButton({ running, obstacle, describedBy }: RunButtonProps) {
  const also = useView((state) => state.alsoParts);
  const view = useModel((state) => state.view);
  const parts = chosenParts(view, also).length;
  const { perform, shortcut = '' } = action('run');
  const press = (): void => {
    if (running) return;
    if (obstacle === undefined) void perform();
    else if (obstacle.key !== undefined) showStep(obstacle.key);
  };
  return (
    <Button
      id={RUN_ID}
      tone="primary"
      icon={Play}
      className={styles.run}
      aria-disabled={running || obstacle !== undefined || undefined}
      aria-describedby={describedBy}
      onClick={press}
    >
      {running ? en.recipe.running : en.recipe.run(parts)}
      <kbd>{shortcutLabel(shortcut)}</kbd>
    </Button>
  );
}

/** Where the status bar is far from the thumb. */
function CancelButton() {
  const cancelling = useJob((state) => state.cancelling);
  const done = useJob((state) => Math.round((state.progress?.fraction ?? 0) * 100));
  const left = useJob((state) => state.progress?.secondsLeft);
  return (
    <Button
      icon={Square}
      className={styles.cancel}
      disabled={cancelling}
      onClick={() => void cancelRun()}
    >
      {cancelling ? words.cancelling : words.cancel}
      <span className={styles.percent}>{words.percent(done)}</span>
      {left !== undefined && (
        <span className={styles.left}>{en.run.left(formatSeconds(left))}</span>
      )}
    </Button>
  );
}
