import { GitCompareArrows } from 'lucide-react';
import { letterOf } from '../../compare/letters.ts';
import { compareTrial } from '../../flows/compare-trials.ts';
import { useView } from '../../state/view-store.ts';
import { compare as t } from '../../strings/en-compare.ts';
import styles from './runs-table.module.css';

interface CompareToggleProps {
  readonly id: string;
  readonly name: string;
  readonly disabled: boolean;
}

/** Puts a trial into the comparison; shows its letter there. */
export function CompareToggle({ id, name, disabled }: CompareToggleProps) {
  const at = useView((state) => state.compared.indexOf(id));
  return (
    <button
      type="button"
      className={styles.toggle}
      aria-pressed={at >= 0}
      aria-label={t.toggle(name)}
      title={disabled ? t.apart.missing : t.toggle(name)}
      disabled={disabled}
      onClick={() => compareTrial(id)}
    >
      {at >= 0 ? letterOf(at) : <GitCompareArrows size={13} aria-hidden />}
    </button>
  );
}
