import { CircleCheck, CircleMinus } from 'lucide-react';
import type { LayerVerdict } from '../../../../core/metrics/verdict.ts';
import { methodCard } from '../../../recipe/method-card.ts';
import { en } from '../../../strings/en.ts';
import styles from './result-column.module.css';

/** Whether each method was worth it: its layers beside those of its baseline at the same bytes. */
export function BesideBaseline({ layers }: { layers: readonly LayerVerdict[] }) {
  return layers.map((verdict) => {
    const card = methodCard(verdict.method);
    const baseline = card?.baseline === undefined ? undefined : methodCard(card.baseline);
    const name = (baseline?.title ?? card?.baseline ?? en.result.baseline).toLowerCase();
    const better = verdict.word === 'better';
    const sentence = better ? en.result.better : en.result.notBetter;
    const Icon = better ? CircleCheck : CircleMinus;
    return (
      <p key={verdict.method} className={better ? styles.better : styles.notBetter}>
        <Icon size={13} aria-hidden /> {card?.title ?? verdict.method}:{' '}
        {sentence(name, verdict.won, verdict.total)}
      </p>
    );
  });
}
