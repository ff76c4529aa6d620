import { Copy, GitCompareArrows, Link2, Play } from 'lucide-react';
import type { Recipe } from '../../../../core/recipe/types.ts';
import type { Trial } from '../../../../../workers/protocol.ts';
import { ActionButton } from '../../../actions/action-button.tsx';
import { go } from '../../../actions/navigation.ts';
import { compareWithAnother } from '../../../flows/compare-trials.ts';
import { BEFORE_A_RUN, COPY_KINDS, copyAs } from '../../../flows/copy-as.ts';
import { runRecipe } from '../../../flows/run-recipe.ts';
import { copyShareLink } from '../../../flows/share-link.ts';
import { useJob } from '../../../state/job-store.ts';
import { loadRecipe } from '../../../state/recipe-store.ts';
import { en } from '../../../strings/en.ts';
import { resultText } from '../../../strings/en-result.ts';
import { ActionMenu } from '../../../ui/action-menu.tsx';
import { Button } from '../../../ui/button.tsx';
import styles from './card-actions.module.css';

/** What can be done with a trial: take the file, or make it; then everything that tells others of it. */
export function TrialActions({ trial }: { trial: Trial }) {
  return (
    <div className={styles.actions}>
      {trial.shipped ? <ComputeHere trial={trial} /> : <Files />}
      <div className={styles.more}>
        <CopyMenu recipe={trial.recipe} trial={trial} />
        <Button tone="quiet" icon={GitCompareArrows} onClick={() => void toCompare(trial.id)}>
          {resultText.compare}
        </Button>
        <ShareButton recipe={trial.recipe} />
      </div>
    </div>
  );
}

/** Before a run a recipe can be told of all the same. */
export function RecipeActions({ recipe }: { recipe: Recipe }) {
  return (
    <div className={styles.more}>
      <CopyMenu recipe={recipe} />
      <ShareButton recipe={recipe} />
    </div>
  );
}

function Files() {
  return (
    <div className={styles.files}>
      <ActionButton id="export" tone="primary">
        {en.result.export}
      </ActionButton>
      <ActionButton id="zip">{en.result.zip}</ActionButton>
    </div>
  );
}

function ComputeHere({ trial }: { trial: Trial }) {
  const running = useJob((state) => state.running);
  return (
    <div className={styles.files}>
      <Button
        tone="primary"
        icon={Play}
        disabled={running}
        title={resultText.shippedHelp}
        onClick={() => {
          loadRecipe(trial.recipe);
          void runRecipe();
        }}
      >
        {resultText.computeHere}
      </Button>
    </div>
  );
}

function CopyMenu({ recipe, trial }: { recipe: Recipe; trial?: Trial }) {
  const kinds = trial === undefined ? BEFORE_A_RUN : COPY_KINDS;
  return (
    <ActionMenu
      label={resultText.copyAs}
      icon={Copy}
      choices={kinds.map((kind) => ({
        title: resultText.copyTitles[kind],
        help: resultText.copyHelp[kind],
        perform: () => void copyAs(kind, recipe, trial),
      }))}
    />
  );
}

function ShareButton({ recipe }: { recipe: Recipe }) {
  return (
    <Button tone="quiet" icon={Link2} onClick={() => void copyShareLink(recipe)}>
      {resultText.share}
    </Button>
  );
}

async function toCompare(id: string): Promise<void> {
  await compareWithAnother(id);
  go('/runs');
}
