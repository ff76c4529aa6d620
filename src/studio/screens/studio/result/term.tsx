import { useId, type KeyboardEvent, type ReactNode } from 'react';
import styles from './term.module.css';

interface TermProps {
  readonly definition: string;
  readonly children: ReactNode;
}

/** A word with its meaning: shown while it is pointed at, has the focus or was tapped. */
export function Term({ definition, children }: TermProps) {
  const id = useId();
  return (
    <span className={styles.term}>
      <button type="button" aria-describedby={id} onKeyDown={dismiss}>
        {children}
      </button>
      <span id={id} role="tooltip" className={styles.definition}>
        {definition}
      </span>
    </span>
  );
}

/** Escape closes the meaning, and does nothing else while it is open. */
function dismiss(event: KeyboardEvent<HTMLButtonElement>): void {
  if (event.key !== 'Escape') return;
  event.stopPropagation();
  event.currentTarget.blur();
}
