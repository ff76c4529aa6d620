import { ChevronDown, ChevronUp, CopyPlus, GripVertical, Trash2 } from 'lucide-react';
import { memo, useState, type KeyboardEvent, type SyntheticEvent } from 'react';
import { methodCard, type MethodCard } from '../../../recipe/method-card.ts';
import { plainSentence } from '../../../recipe/problem-words.ts';
import { stepNames } from '../../../recipe/step-names.ts';
import { stepSummary } from '../../../recipe/step-summary.ts';
import { useForecast } from '../../../state/forecast-store.ts';
import { announce } from '../../../state/notice-store.ts';
import {
  duplicateStep,
  moveStep,
  removeStep,
  selectStep,
  updateStep,
  useRecipe,
  type EditableStep,
} from '../../../state/recipe-store.ts';
import { recipe as words } from '../../../strings/en-recipe.ts';
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

/** One line while it is closed; only the card of the selected step is open. */
export const StepCard = memo(function StepCard({ step, index, count }: StepCardProps) {
  const open = useRecipe((state) => state.selected === step.key);
  const all = useForecast((state) => state.forecast?.problems ?? NO_PROBLEMS);
  const problems = problemsUnder(all, `steps[${index}]`);
  const card = methodCard(step.method);
  const title = card?.title ?? step.method;
  const off = step.disabled === true;
  return (
    <li
      id={cardId(step.key)}
      className={join(styles.card, open && styles.open, off && styles.off)}
      aria-label={`${index + 1} ${title}`}
      data-step={step.key}
    >
      <Head {...{ step, index, count, card, open }} />
      {card === undefined && <p className={styles.problem}>{en.recipe.unknownMethod(title)}</p>}
      {open && card && <Body {...{ step, index, count, card, problems }} />}
      {!off && <Remaining problems={problems} index={index} all={!open} />}
    </li>
  );
});

/** So that what is wrong with a step can be scrolled to. */
export function cardId(key: string): string {
  return `step-${key}`;
}

interface HeadProps extends StepCardProps {
  readonly card: MethodCard | undefined;
  readonly open: boolean;
}

function Head({ step, index, count, card, open }: HeadProps) {
  const title = card?.title ?? step.method;
  return (
    <header className={styles.head}>
      <span className={styles.grip} data-grip title={words.drag} aria-hidden>
        <GripVertical size={14} />
      </span>
      <h3>
        <button
          type="button"
          className={styles.summary}
          aria-expanded={open}
          aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Delete"
          title={words.headHelp}
          onClick={() => selectStep(open ? undefined : step.key)}
          onKeyDown={(event) => handleKey(event, { step, index, count, title })}
        >
          <span className={styles.number}>{index + 1}</span>
          <span className={styles.title}>{title}</span>
          <span className={styles.line}>{lineOf(step, card)}</span>
        </button>
      </h3>
      <label className={styles.switch}>
        <input
          type="checkbox"
          role="switch"
          aria-label={en.recipe.enabled(title)}
          checked={step.disabled !== true}
          onChange={(event) => updateStep(step.key, { disabled: !event.target.checked })}
        />
      </label>
    </header>
  );
}

/** What a closed card says: the settings, or what the method does where there is nothing to set. */
function lineOf(step: EditableStep, card: MethodCard | undefined): string {
  if (step.disabled === true) return words.off;
  return card === undefined ? '' : stepSummary(card, step) || card.plain;
}

interface Keyed {
  readonly step: EditableStep;
  readonly index: number;
  readonly count: number;
  readonly title: string;
}

function handleKey(event: KeyboardEvent, keyed: Keyed): void {
  const { key } = keyed.step;
  const by = event.altKey ? ({ ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0) : 0;
  if (by !== 0) {
    event.preventDefault();
    move(keyed, by);
  } else if (event.key === 'Delete' && !event.altKey) {
    event.preventDefault();
    remove(key);
  }
}

/** The focus goes on to the card that takes its place, or to what is left. */
function remove(key: string): void {
  removeStep(key);
  requestAnimationFrame(() => {
    const next = document.querySelector<HTMLElement>('[data-step] h3 [aria-expanded="true"]');
    (next ?? document.getElementById('run'))?.focus();
  });
}

function move({ step, index, count, title }: Keyed, by: number): void {
  const to = Math.min(count - 1, Math.max(0, index + by));
  if (to === index) return;
  const focused = document.activeElement;
  moveStep(step.key, by);
  announce(words.moved(title, to + 1, count));
  // A card that is put elsewhere in the page takes the focus from what stands in it.
  requestAnimationFrame(() => focused instanceof HTMLElement && focused.focus());
}

interface BodyProps extends StepCardProps {
  readonly card: MethodCard;
  readonly problems: readonly Problem[];
}

function Body({ step, index, count, card, problems }: BodyProps) {
  const [help, setHelp] = useState<string>();
  const look = ({ target }: SyntheticEvent): void => {
    if (target instanceof Element) {
      setHelp(target.closest<HTMLElement>('[data-help]')?.dataset['help']);
    }
  };
  return (
    <div className={styles.body} onFocus={look} onPointerOver={look}>
      <OptionsForm card={card} step={step} index={index} problems={problems} />
      <TargetPicker step={step} problems={problemsUnder(problems, `steps[${index}].target`)} />
      <footer className={styles.foot}>
        {/* Screen readers have it as the description of each control. */}
        <p aria-hidden={help !== undefined}>{help ?? card.plain}</p>
        <StepButtons {...{ step, index, count, title: card.title }} />
      </footer>
    </div>
  );
}

function StepButtons(props: Keyed) {
  const { step, index, count } = props;
  return (
    <span className={styles.buttons}>
      <IconButton
        icon={ChevronUp}
        label={en.recipe.moveUp}
        small
        disabled={index === 0}
        onClick={() => move(props, -1)}
      />
      <IconButton
        icon={ChevronDown}
        label={en.recipe.moveDown}
        small
        disabled={index === count - 1}
        onClick={() => move(props, 1)}
      />
      <IconButton
        icon={CopyPlus}
        label={en.recipe.duplicate}
        small
        onClick={() => duplicateStep(step.key)}
      />
      <IconButton icon={Trash2} label={en.recipe.remove} small onClick={() => remove(step.key)} />
    </span>
  );
}

interface RemainingProps {
  readonly problems: readonly Problem[];
  readonly index: number;
  /** A closed card shows no field that could say what is wrong with it. */
  readonly all: boolean;
}

/** Problems of the step that belong to none of its fields. */
function Remaining({ problems, index, all }: RemainingProps) {
  const steps = useRecipe((state) => state.steps);
  const fields = ['options', 'target'].flatMap((part) =>
    problemsUnder(problems, `steps[${index}].${part}`),
  );
  const rest = all ? problems : problems.filter((problem) => !fields.includes(problem));
  return rest.map((problem) => (
    <p key={problem.path + problem.message} className={styles.problem}>
      {plainSentence(problem, stepNames(steps))}
    </p>
  ));
}
