import { en } from '../../../strings/en.ts';
import { tryIt } from '../../../strings/en-try.ts';
import type { SideName } from '../../../state/view-store.ts';
import { switchAdapter, useAdapterOff } from './sides.ts';
import styles from './adapter-switch.module.css';

/** For a model that keeps its adapter: with it, or as it was before. */
export function AdapterSwitch({ side }: { side: SideName }) {
  const on = !useAdapterOff().includes(side);
  return (
    <label className={styles.adapter}>
      <input
        type="checkbox"
        role="switch"
        aria-label={en.training.adapterOf(tryIt[side])}
        checked={on}
        onChange={(event) => switchAdapter(side, event.target.checked)}
      />
      {en.training.adapter}
    </label>
  );
}
