import type { ReactNode } from 'react';
import styles from './result-column.module.css';

interface FactProps {
  readonly name: string;
  readonly help?: string;
  readonly children: ReactNode;
}

export function Fact({ name, help, children }: FactProps) {
  return (
    <div className={styles.fact} title={help}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
