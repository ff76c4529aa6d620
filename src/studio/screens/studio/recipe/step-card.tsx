import { ChevronDown, ChevronUp, CopyPlus, Trash2 } from 'lucide-react';
import { memo } from 'react';
import { methodCard } from '../../../recipe/method-card.ts';
import { useForecast } from '../../../state/forecast-store.ts';
import {
  duplicateStep,
  moveStep,
  removeStep,
  selectStep,
  updateStep,
  useRecipe,
  type EditableStep,
} from '../../../state/recipe-store.ts';
import { en } from '../../../strings/en.ts';
import { IconButton, join } from '../../../ui/button.tsx';
import { OptionsForm } from './options-form.tsx';
import { problemsUnder, type Problem } from './problems.ts';
import { TargetPicker } from './target-picker.tsx';
import styles from './step-card.module.css';

interface StepCardProps {
  readonly step: EditableStep;
  readonly index: number;
  readonly count: number;
}

const NO_PROBLEMS: readonly Problem[] = [];

export const StepCard = memo(function StepCard({ step, index, count }: StepCardProps) {
  const selected = useRecipe((state) => state.selected === step.key);
  const all = useForecast((state) => state.forecast?.problems ?? NO_PROBLEMS);
  const problems = problemsUnder(all, `steps[${index}]`);
  const card = methodCard(step.method);
  const title = card?.title ?? step.method;
  return (
    <li
      className={join(
        styles.card,
        selected && styles.selected,
        step.disabled === true && styles.disabled,
      )}
      aria-label={`${index + 1} ${title}`}
      onFocus={() => !selected && selectStep(step.key)}
    >
      <header className={styles.head}>
        <span className={styles.number}>{index + 1}</span>
        <h3 title={card?.summary}>{title}</h3>
        <StepButtons step={step} index={index} count={count} title={title} />
      </header>
      {card === undefined ? (
        <p role="alert" className={styles.problem}>
          {en.recipe.unknownMethod(step.method)}
        </p>
      ) : (
        step.disabled !== true && (
          <>
            <p className={styles.plain}>{card.plain}</p>
            <OptionsForm card={card} step={step} index={index} problems={problems} />
            <TargetPicker
              step={step}
              problems={problemsUnder(problems, `steps[${index}].target`)}
            />
            <Remaining problems={problems} index={index} />
          </>
        )
      )}
    </li>
  );
});

interface StepButtonsProps extends StepCardProps {
  readonly title: string;
}

function StepButtons({ step, index, count, title }: StepButtonsProps) {
  return (
    <span className={styles.buttons}>
      <IconButton
        icon={ChevronUp}
        label={en.recipe.moveUp}
        small
        disabled={index === 0}
        onClick={() => moveStep(step.key, -1)}
      />
      <IconButton
        icon={ChevronDown}
        label={en.recipe.moveDown}
        small
        disabled={index === count - 1}
        onClick={() => moveStep(step.key, 1)}
      />
      <IconButton
        icon={CopyPlus}
        label={en.recipe.duplicate}
        small
        onClick={() => duplicateStep(step.key)}
      />
      <IconButton
        icon={Trash2}
        label={en.recipe.remove}
        small
        onClick={() => removeStep(step.key)}
      />
      <input
        type="checkbox"
        role="switch"
        className={styles.toggle}
        aria-label={en.recipe.enabled(title)}
        checked={step.disabled !== true}
        onChange={(event) => updateStep(step.key, { disabled: !event.target.checked })}
      />
    </span>
  );
}

/** Problems of the step that belong to none of its fields. */
function Remaining({ problems, index }: { problems: readonly Problem[]; index: number }) {
  const fields = ['options', 'target'].flatMap((part) =>
    problemsUnder(problems, `steps[${index}].${part}`),
  );
  const rest = problems.filter((problem) => !fields.includes(problem));
  return rest.map(({ message }) => (
    <p key={message} role="alert" className={styles.problem}>
      {message}
    </p>
  ));
}
