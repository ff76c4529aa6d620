import { useModel } from '../../../state/model-store.ts';
import { useModelTrials, useShownTrial } from '../../../state/trials.ts';
import { useView } from '../../../state/view-store.ts';
import { en } from '../../../strings/en.ts';
import { ChoiceMenu } from '../../../ui/choice-menu.tsx';
import { Examples } from './examples.tsx';
import { Prompt } from './prompt.tsx';
import styles from './try-tab.module.css';

/** The original and a compressed file answer the same question, side by side. */
export function TryTab() {
  const view = useModel((state) => state.view);
  const trial = useShownTrial();
  const trials = useModelTrials().filter(({ state }) => state === 'done');
  if (view === undefined) return null;
  if (trial === undefined) return <p className={styles.empty}>{en.tryIt.needTrial}</p>;
  return (
    <div className={styles.tab}>
      <div className={styles.choice}>
        <span>{en.tryIt.trial}</span>
        <ChoiceMenu
          label={en.tryIt.trial}
          value={trial.id}
          choices={trials.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(id) => useView.setState({ trial: id })}
        />
      </div>
      {view.task === 'language-model' ? (
        <Prompt trial={trial} enabled={view.hasTokenizer} />
      ) : (
        <Examples key={trial.id} trial={trial} />
      )}
    </div>
  );
}
