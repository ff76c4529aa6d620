import { Download } from 'lucide-react';
import { runRecipe } from '../../../flows/run-recipe.ts';
import { useJob } from '../../../state/job-store.ts';
import { loadRecipe } from '../../../state/recipe-store.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { Button } from '../../../ui/button.tsx';
import { withoutFile, type Sides } from './sides.ts';
import styles from './try-tab.module.css';

/** A trial that was shipped has numbers but no file to ask: its recipe makes one. */
export function ComputeHere({ sides }: { sides: Sides }) {
  const running = useJob((state) => state.running);
  const side = withoutFile(sides);
  if (side?.trial === undefined) return null;
  const { recipe } = side.trial;
  return (
    <div className={styles.notice}>
      <p>{tryIt.noFile(side.name)}</p>
      <Button
        tone="primary"
        icon={Download}
        disabled={running}
        onClick={() => {
          loadRecipe(recipe);
          void runRecipe();
        }}
      >
        {tryIt.computeHere}
      </Button>
    </div>
  );
}
