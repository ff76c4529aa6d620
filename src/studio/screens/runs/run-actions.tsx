import { Pin, Play, Trash2, Undo2 } from 'lucide-react';
import type { Trial } from '../../../../workers/protocol.ts';
import { go } from '../../actions/navigation.ts';
import { runAgain } from '../../flows/run-again.ts';
import { useJob } from '../../state/job-store.ts';
import { useModel } from '../../state/model-store.ts';
import { notify } from '../../state/notice-store.ts';
import { loadRecipe } from '../../state/recipe-store.ts';
import { useView } from '../../state/view-store.ts';
import { runs as t } from '../../strings/en-runs.ts';
import { en } from '../../strings/en.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { deleteTrials, updateTrial } from './delete-trial.ts';
import styles from './runs-table.module.css';

export function RunActions({ trial }: { trial: Trial }) {
  return (
    <span className={styles.buttons}>
      <IconButton
        icon={Undo2}
        small
        label={en.runs.openInStudio(trial.name)}
        onClick={() => recall(trial)}
      />
      {!trial.shipped && <OwnActions trial={trial} />}
    </span>
  );
}

/** Of trials that are kept here. */
function OwnActions({ trial }: { trial: Trial }) {
  const pinned = trial.pinned ?? false;
  return (
    <>
      <IconButton
        icon={Pin}
        small
        label={en.runs.pin(trial.name)}
        aria-pressed={pinned}
        onClick={() => void updateTrial(trial.id, { pinned: !pinned })}
      />
      <IconButton
        icon={Trash2}
        small
        label={en.runs.delete(trial.name)}
        onClick={() => deleteTrials([trial])}
      />
    </>
  );
}

function recall(trial: Trial): void {
  loadRecipe(trial.recipe);
  useView.setState({ trial: trial.id });
  notify(en.frontier.restored(trial.name));
  go(useModel.getState().view === undefined ? '/' : '/studio');
}

export function RunAgain({ trial }: { trial: Trial }) {
  const running = useJob((state) => state.running);
  return (
    <Button
      icon={Play}
      disabled={running}
      title={running ? en.run.already : t.goesOn}
      aria-label={t.runAgain(trial.name)}
      onClick={() => void runAgain(trial)}
    >
      {t.again}
    </Button>
  );
}
