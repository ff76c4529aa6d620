import { Flag, X } from 'lucide-react';
import { useMemo } from 'react';
import type { Trial } from '../../../../../workers/protocol.ts';
import { letterOf } from '../../../compare/letters.ts';
import { compareFirst, compareTrial } from '../../../flows/compare-trials.ts';
import { runRow } from '../../../runs/run-row.ts';
import { useView } from '../../../state/view-store.ts';
import { compare as t } from '../../../strings/en-compare.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { VerdictTag } from '../verdict-tag.tsx';
import { ComparedTable } from './compared-table.tsx';
import { PairsCompared } from './pairs-compared.tsx';
import styles from './compare.module.css';

/** Place of the comparison on the page, for links to it. */
export const COMPARISON = 'comparison';

/** Two to four trials side by side: what was measured, where their recipes differ, layer by layer. */
export function Comparison({ trials }: { trials: readonly Trial[] }) {
  return (
    <section className={styles.comparison} id={COMPARISON} aria-label={t.title} tabIndex={-1}>
      <header className={styles.head}>
        <h2>{t.title}</h2>
        <Button tone="quiet" onClick={() => useView.setState({ compared: [] })}>
          {t.clear}
        </Button>
      </header>
      <Sides trials={trials} />
      <ComparedTable trials={trials} />
      <PairsCompared trials={trials} />
    </section>
  );
}

/** Who is compared, each with the word its own result ends in. */
function Sides({ trials }: { trials: readonly Trial[] }) {
  return (
    <ul className={styles.sides}>
      {trials.map((trial, at) => (
        <li key={trial.id} className={styles.side}>
          <Letter at={at} />
          <span className={styles.who}>
            <strong title={trial.name}>{trial.name}</strong>
            <small>{trial.model.name}</small>
          </span>
          <Word trial={trial} />
          {at > 0 && (
            <IconButton
              icon={Flag}
              small
              label={t.first(trial.name)}
              onClick={() => compareFirst(trial.id)}
            />
          )}
          <IconButton
            icon={X}
            small
            label={t.remove(trial.name)}
            onClick={() => compareTrial(trial.id)}
          />
        </li>
      ))}
    </ul>
  );
}

function Word({ trial }: { trial: Trial }) {
  const { verdict, found } = useMemo(() => runRow(trial), [trial]);
  return verdict === undefined ? null : <VerdictTag word={verdict} found={found} />;
}

export function Letter({ at }: { at: number }) {
  return (
    <span className={styles.letter} data-letter={letterOf(at)}>
      {letterOf(at)}
    </span>
  );
}
