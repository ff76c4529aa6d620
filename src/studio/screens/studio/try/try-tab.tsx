import { ArrowLeftRight } from 'lucide-react';
import { useModel } from '../../../state/model-store.ts';
import { en } from '../../../strings/en.ts';
import { IconButton } from '../../../ui/button.tsx';
import { ChoiceMenu } from '../../../ui/choice-menu.tsx';
import { Examples } from './examples.tsx';
import { Prompt } from './prompt.tsx';
import { chooseLeft, chooseRight, useChoices, useSides, type Side, type Sides } from './sides.ts';
import styles from './try-tab.module.css';

/** Two models, the original or any trials, answer the same question, side by side. */
export function TryTab() {
  const view = useModel((state) => state.view);
  const choices = useChoices();
  const sides = useSides(choices);
  if (view === undefined) return null;
  if (sides === undefined) return <p className={styles.empty}>{en.tryIt.needTrial}</p>;
  return (
    <div className={styles.tab}>
      <Choice sides={sides} choices={choices} />
      {view.task === 'language-model' ? (
        <Prompt sides={sides} enabled={view.hasTokenizer} />
      ) : (
        <Examples key={`${sides.left.id} ${sides.right.id}`} sides={sides} />
      )}
    </div>
  );
}

function Choice({ sides: { left, right }, choices }: { sides: Sides; choices: readonly Side[] }) {
  const items = choices.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <div className={styles.choice}>
      <span>{en.tryIt.left}</span>
      <ChoiceMenu label={en.tryIt.left} value={left.id} choices={items} onChange={chooseLeft} />
      <IconButton
        icon={ArrowLeftRight}
        small
        label={en.tryIt.swap}
        onClick={() => {
          chooseLeft(right.id);
          chooseRight(left.id);
        }}
      />
      <span>{en.tryIt.right}</span>
      <ChoiceMenu label={en.tryIt.right} value={right.id} choices={items} onChange={chooseRight} />
    </div>
  );
}
