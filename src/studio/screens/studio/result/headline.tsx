import { CircleCheck, CircleHelp, Equal, TrendingDown, type LucideIcon } from 'lucide-react';
import { Fragment } from 'react';
import { verdictClauses } from '../../../../core/report/verdict-words.ts';
import type { Verdict, VerdictWord } from '../../../../core/report/verdict.ts';
import { unbroken } from '../../../format/format.ts';
import { resultText } from '../../../strings/en-result.ts';
import { join } from '../../../ui/button.tsx';
import styles from './headline.module.css';

const ICONS: Readonly<Record<VerdictWord, LucideIcon>> = {
  better: CircleCheck,
  equal: Equal,
  worse: TrendingDown,
  'not-measured': CircleHelp,
};

interface HeadlineProps {
  readonly verdict: Verdict;
  readonly where?: string;
  /** Measuring goes on: the word may still change. */
  readonly soFar?: boolean;
}

/** What it costs and whether it is worth it: one word, one colour, one sentence. */
export function Headline({ verdict, where, soFar }: HeadlineProps) {
  const { word } = verdict;
  const Icon = ICONS[word];
  return (
    <div className={join(styles.headline, styles[word])} data-verdict={word}>
      <p className={styles.word}>
        <Icon size={15} aria-hidden /> {soFar && `${resultText.soFar}: `}
        {resultText.words[word]}
      </p>
      <p className={styles.sentence}>
        {verdictClauses(verdict, where).map(({ claim, numbers }, at) => (
          <Fragment key={claim}>
            {at > 0 && ', '}
            <strong>{claim}</strong>
            {numbers !== undefined && (
              <span className={styles.numbers}> ({unbroken(numbers)})</span>
            )}
          </Fragment>
        ))}
      </p>
    </div>
  );
}
