import { ArrowLeftRight } from 'lucide-react';
import type { ModelView } from '../../../../../workers/protocol.ts';
import { runRecipe } from '../../../flows/run-recipe.ts';
import { useJob } from '../../../state/job-store.ts';
import { useModel } from '../../../state/model-store.ts';
import { en } from '../../../strings/en.ts';
import { tryIt } from '../../../strings/en-try.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { ChoiceMenu } from '../../../ui/choice-menu.tsx';
import { AdapterSwitch } from './adapter-switch.tsx';
import { AnswersView } from './answers-view.tsx';
import { ComputeHere } from './compute-here.tsx';
import { LanguageView } from './language-view.tsx';
import { TagsView } from './tags-view.tsx';
import {
  asked,
  chooseLeft,
  chooseRight,
  useAdapterOff,
  useChoices,
  useSides,
  type Side,
  type Sides,
} from './sides.ts';
import styles from './try-tab.module.css';

/** Two models, the original or any trials, answer the same question, side by side. */
export function TryTab() {
  const view = useModel((state) => state.view);
  const choices = useChoices();
  const chosen = useSides(choices);
  const off = useAdapterOff();
  if (view === undefined) return null;
  if (chosen === undefined) return <NoTrial />;
  const sides = asked(chosen, off);
  return (
    <div className={styles.tab} data-scrolls>
      <Choice sides={chosen} choices={choices} />
      <ComputeHere sides={sides} />
      <Question key={view.sha256} view={view} sides={sides} />
    </div>
  );
}

function NoTrial() {
  const running = useJob((state) => state.running);
  return (
    <div className={styles.empty}>
      <p>{running ? tryIt.running : tryIt.needTrial}</p>
      <Button tone="primary" disabled={running} onClick={() => void runRecipe()}>
        {tryIt.needRun}
      </Button>
    </div>
  );
}

/** What the two are asked. Other answers are no picture. */
function Question({ view, sides }: { view: ModelView; sides: Sides }) {
  switch (view.task) {
    case 'language-model':
    case 'sequence-to-sequence':
      return <LanguageView view={view} sides={sides} />;
    case 'classifier':
      return <AnswersView view={view} sides={sides} />;
    case 'token-classifier':
      return <TagsView view={view} sides={sides} />;
    default:
      return <p className={styles.empty}>{tryIt.onlyMeasured(en.tasks[view.task])}</p>;
  }
}

function Choice({ sides: { left, right }, choices }: { sides: Sides; choices: readonly Side[] }) {
  const items = choices.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <div className={styles.choice}>
      <span className={styles.side}>
        <span>{tryIt.left}</span>
        <ChoiceMenu label={tryIt.left} value={left.id} choices={items} onChange={chooseLeft} />
        {left.adapter && <AdapterSwitch side="left" />}
      </span>
      <IconButton
        icon={ArrowLeftRight}
        small
        label={tryIt.swap}
        onClick={() => {
          chooseLeft(right.id);
          chooseRight(left.id);
        }}
      />
      <span className={styles.side}>
        <span>{tryIt.right}</span>
        <ChoiceMenu label={tryIt.right} value={right.id} choices={items} onChange={chooseRight} />
        {right.adapter && <AdapterSwitch side="right" />}
      </span>
    </div>
  );
}
