import { stemOf } from '../../../../core/companions/parts.ts';
import type { Forecast, ModelView } from '../../../../../workers/protocol.ts';
import { formatBytes, formatExactBytes, significant } from '../../../format/format.ts';
import { useBenchTrial } from '../../../state/bench.ts';
import { recipeOf, useRecipe } from '../../../state/recipe-store.ts';
import { useSharedBench } from '../../../state/shared-bench.ts';
import { useView } from '../../../state/view-store.ts';
import { resultText } from '../../../strings/en-result.ts';
import { en } from '../../../strings/en.ts';
import { Button, join } from '../../../ui/button.tsx';
import { RecipeActions } from './card-actions.tsx';
import { CacheFact } from './cache-fact.tsx';
import { Fact } from './fact.tsx';
import { LeftAlone } from './left-alone.tsx';
import { Sizes } from './sizes.tsx';
import { Warnings } from './warnings.tsx';
import styles from './result-column.module.css';

interface ForecastCardProps {
  readonly view: ModelView;
  readonly forecast: Forecast;
  /** A measured trial of another recipe stands below: this one is in short. */
  readonly short: boolean;
}

/** Exact before anything runs; drawn with a dashed border, because it is no measurement. */
export function ForecastCard({ view, forecast, short }: ForecastCardProps) {
  return (
    <section
      className={join(styles.forecast, short && styles.short)}
      aria-label={en.result.forecast}
    >
      <h3>
        {en.result.forecast} <small>{forecast.atMost ? en.result.atMost : en.result.exact}</small>
      </h3>
      {view.parts.length > 1 && (
        <p className={styles.wait}>{en.parts.numbersOf(stemOf(view.part.path))}</p>
      )}
      <Sizes before={view.bytes} after={forecast.bytes} />
      <SharedBench />
      <BenchTrial forecast={forecast} />
      {!short && <More forecast={forecast} />}
      <Warnings sentences={forecast.warnings} />
      {!short && <LeftAlone skipped={forecast.skipped} />}
    </section>
  );
}

/** What a run would cost, and what it would add. */
function More({ forecast }: { forecast: Forecast }) {
  const recipe = recipeOf(useRecipe());
  return (
    <>
      <dl className={styles.facts}>
        <Fact name={resultText.quality}>{resultText.notYet}</Fact>
        <Fact name={resultText.speed}>{resultText.notYet}</Fact>
        <Fact name={en.result.bitsPerWeight}>{significant(forecast.bitsPerWeight)}</Fact>
        <CacheFact cache={forecast.cache} />
        <Fact name={en.result.peak}>{formatBytes(forecast.peakMemory)}</Fact>
      </dl>
      <RecipeActions recipe={recipe} />
    </>
  );
}

/** The recipe on the bench was run before: its result is a click away. */
function BenchTrial({ forecast }: { forecast: Forecast }) {
  const trial = useBenchTrial();
  const name = useRecipe((state) => state.name);
  if (trial === undefined) return null;
  // A name is written into the file, so the same steps under another one take other bytes.
  const bytes = trial.report?.after.bytes;
  return (
    <p className={styles.aside}>
      {bytes !== undefined && bytes !== forecast.bytes && trial.recipe.name !== name
        ? resultText.benchTrialOf(trial.name, formatExactBytes(bytes))
        : resultText.benchTrial(trial.name)}
      <Button tone="quiet" onClick={() => useView.setState({ trial: trial.id })}>
        {resultText.show}
      </Button>
    </p>
  );
}

/** A link brought what is on the bench: whoever followed it knows what they look at. */
function SharedBench() {
  const shared = useSharedBench();
  const ran = useBenchTrial() !== undefined;
  if (!shared || ran) return null;
  return <p className={styles.aside}>{resultText.sharedBench}</p>;
}
