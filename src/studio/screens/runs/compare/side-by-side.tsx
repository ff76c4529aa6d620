import { Columns2 } from 'lucide-react';
import type { Trial } from '../../../../../workers/protocol.ts';
import { go } from '../../../actions/navigation.ts';
import { opened } from '../../../flows/run-again.ts';
import { useModel } from '../../../state/model-store.ts';
import { knownOrigins } from '../../../state/recent.ts';
import { showTab, useView } from '../../../state/view-store.ts';
import { compare as t } from '../../../strings/en-compare.ts';
import { Button } from '../../../ui/button.tsx';
import styles from './compare.module.css';

interface SideBySideProps {
  readonly a: Trial;
  readonly b: Trial;
}

/** Leads to Try it with the two on its sides; says what is missing where that cannot be. */
export function SideBySide({ a, b }: SideBySideProps) {
  const open = useModel((state) => state.view?.sha256);
  const blocked = blockedBy(a, b, open);
  return (
    <p className={styles.action}>
      <Button icon={Columns2} disabled={blocked !== undefined} onClick={() => void tryBoth(a, b)}>
        {t.side}
      </Button>
      {blocked !== undefined && <span className={styles.note}>{blocked}</span>}
    </p>
  );
}

async function tryBoth(a: Trial, b: Trial): Promise<void> {
  if (!(await opened(a.model))) return;
  useView.setState({ left: a.id, right: undefined, trial: b.id });
  showTab('try');
  go('/studio');
}

function blockedBy(a: Trial, b: Trial, open: string | undefined): string | undefined {
  if (a.model.sha256 !== b.model.sha256) return t.sideModels;
  if (a.shipped === true || b.shipped === true) return t.sideShipped;
  const origin = knownOrigins()[a.model.sha256] ?? 'file';
  return a.model.sha256 === open || origin !== 'file' ? undefined : t.sideClosed(a.model.name);
}
