import { ArrowLeftRight } from 'lucide-react';
import type { ModelView } from '../../../../../workers/protocol.ts';
import { useModel } from '../../../state/model-store.ts';
import { en } from '../../../strings/en.ts';
import { IconButton } from '../../../ui/button.tsx';
import { ChoiceMenu } from '../../../ui/choice-menu.tsx';
import { Examples } from './examples.tsx';
import { Prompt } from './prompt.tsx';
import { TextBox } from './text-box.tsx';
import { AdapterSwitch } from './adapter-switch.tsx';
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
  if (chosen === undefined) return <p className={styles.empty}>{en.tryIt.needTrial}</p>;
  const sides = asked(chosen, off);
  return (
    <div className={styles.tab}>
      <Choice sides={chosen} choices={choices} />
      <Question view={view} sides={sides} />
    </div>
  );
}

/** What the two are asked: a text to go on with, or examples to classify. Other answers are no picture. */
function Question({ view, sides }: { view: ModelView; sides: Sides }) {
  if (view.task === 'language-model') return <Prompt sides={sides} enabled={view.hasTokenizer} />;
  if (view.task === 'sequence-to-sequence') {
    return <Prompt sides={sides} enabled={view.hasTokenizer} label={en.tryIt.source} />;
  }
  if (view.task !== 'classifier') {
    return <p className={styles.empty}>{en.tryIt.onlyMeasured(en.tasks[view.task])}</p>;
  }
  return (
    <>
      {view.hasTokenizer && <TextBox sides={sides} />}
      {view.data.evaluation === undefined ? (
        <p className={styles.empty}>{en.tryIt.noExamples}</p>
      ) : (
        <Examples key={`${sides.left.id} ${sides.right.id}`} sides={sides} />
      )}
    </>
  );
}

function Choice({ sides: { left, right }, choices }: { sides: Sides; choices: readonly Side[] }) {
  const items = choices.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <div className={styles.choice}>
      <span>{en.tryIt.left}</span>
      <ChoiceMenu label={en.tryIt.left} value={left.id} choices={items} onChange={chooseLeft} />
      {left.adapter && <AdapterSwitch side="left" />}
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
      {right.adapter && <AdapterSwitch side="right" />}
    </div>
  );
}
