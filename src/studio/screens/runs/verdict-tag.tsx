import { CircleCheck, CircleHelp, Equal, TrendingDown, type LucideIcon } from 'lucide-react';
import type { VerdictWord } from '../../../core/report/verdict.ts';
import { resultText } from '../../strings/en-result.ts';
import { join } from '../../ui/button.tsx';
import styles from './verdict-tag.module.css';

const ICONS: Readonly<Record<VerdictWord, LucideIcon>> = {
  better: CircleCheck,
  equal: Equal,
  worse: TrendingDown,
  'not-measured': CircleHelp,
};

interface VerdictTagProps {
  readonly word: VerdictWord;
  /** What it rests on. */
  readonly found?: string;
}

/** The word a result ends in, against its original. */
export function VerdictTag({ word, found }: VerdictTagProps) {
  const Icon = ICONS[word];
  return (
    <span className={join(styles.tag, styles[word])} title={found}>
      <Icon size={12} aria-hidden />
      {resultText.words[word]}
    </span>
  );
}
