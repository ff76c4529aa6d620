import { RotateCcw } from 'lucide-react';
import type { MethodCard } from '../../../recipe/method-card.ts';
import { decideAgain, type EditableStep } from '../../../state/recipe-store.ts';
import { en } from '../../../strings/en.ts';
import { IconButton } from '../../../ui/button.tsx';
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

/** Longer answers are written for machines. */
const READABLE = 32;

/** "12 × 4, 24 × 3": how many layers got what, the most first. */
export function inWords(decided: unknown): string {
  if (typeof decided === 'string' && decided.length > READABLE) return en.recipe.decidedLong;
  if (typeof decided !== 'object' || decided === null) return String(decided);
  const counts = new Map<string, number>();
  for (const value of Object.values(decided).map(String)) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([value, count]) => `${count} × ${value}`).join(', ');
}
