import styles from './structure-tab.module.css';

interface BarProps {
  /** 0…1 of the widest one. */
  readonly whole: number;
  /** 0…1: what stays of it; all of it unless stated. */
  readonly stays?: number;
  readonly text: string;
  readonly cut?: boolean;
}

/** A bar with its number; what goes is hatched. */
export function Bar({ whole, stays = whole, text, cut }: BarProps) {
  return (
    <span className={styles.barBox}>
      <svg className={styles.bar} viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden>
        <rect className={styles.goes} width={100 * whole} height={8} />
        <rect className={styles.stays} width={100 * stays} height={8} />
      </svg>
      <small data-cut={cut || undefined}>{text}</small>
    </span>
  );
}
