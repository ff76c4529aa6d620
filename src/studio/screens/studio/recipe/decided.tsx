import { RotateCcw } from 'lucide-react';
import type { MethodCard } from '../../../recipe/method-card.ts';
import { decideAgain, type EditableStep } from '../../../state/recipe-store.ts';
import { en } from '../../../strings/en.ts';
import { IconButton } from '../../../ui/button.tsx';
import { inWords } from './decided-words.ts';
import styles from './options-form.module.css';

interface DecidedProps {
  readonly card: MethodCard;
  readonly step: EditableStep;
}

/** What the last run decided for this step, in one line each, with a way to have it decided again. */
export function Decided({ card, step }: DecidedProps) {
  return card.decided
    .filter(({ name }) => step.options[name] !== undefined)
    .map(({ name, title, help }) => (
      <p key={name} className={styles.decided} title={help}>
        <span>
          {title}: {inWords(step.options[name])}
        </span>
        <IconButton
          icon={RotateCcw}
          label={en.recipe.decideAgain}
          small
          onClick={() => decideAgain(step.key)}
        />
      </p>
    ));
}
