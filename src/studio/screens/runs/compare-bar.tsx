import type { Trial } from '../../../../workers/protocol.ts';
import { compare as t } from '../../strings/en-compare.ts';
import { useView } from '../../state/view-store.ts';
import { Button } from '../../ui/button.tsx';
import { COMPARISON, Letter } from './compare/comparison.tsx';
import styles from './runs-screen.module.css';

/** Always in sight while trials are being chosen: who is compared, and the way to it. */
export function CompareBar({ trials }: { trials: readonly Trial[] }) {
  if (trials.length === 0) return null;
  return (
    <div className={styles.bar} role="group" aria-label={t.chosen(trials.length)}>
      <ul className={styles.chosen}>
        {trials.map(({ id, name }, at) => (
          <li key={id}>
            <Letter at={at} /> <span title={name}>{name}</span>
          </li>
        ))}
      </ul>
      {trials.length < 2 ? (
        <span className={styles.hint}>{t.oneMore}</span>
      ) : (
        <Button tone="primary" onClick={showComparison}>
          {t.show}
        </Button>
      )}
      <Button tone="quiet" onClick={() => useView.setState({ compared: [] })}>
        {t.clear}
      </Button>
    </div>
  );
}

function showComparison(): void {
  const section = document.getElementById(COMPARISON);
  section?.scrollIntoView();
  section?.focus({ preventScroll: true });
}
