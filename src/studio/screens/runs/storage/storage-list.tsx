import { useMemo } from 'react';
import { toStudioError } from '../../../../../workers/errors.ts';
import type { StorageView, StoredKind, Trial } from '../../../../../workers/protocol.ts';
import { clearKept } from '../../../flows/clear-kept.ts';
import { formatBytes } from '../../../format/format.ts';
import { trialBytesByModel } from '../../../runs/trial-bytes.ts';
import { notify } from '../../../state/notice-store.ts';
import { refreshTrials } from '../../../state/trials.ts';
import { storage as t } from '../../../strings/en-runs.ts';
import { Button } from '../../../ui/button.tsx';
import { ExportAll } from './export-all.tsx';
import { useStorage } from './use-storage.ts';
import styles from './storage.module.css';

interface StorageListProps {
  readonly id: string;
  readonly trials: readonly Trial[];
}

export function StorageList({ id, trials }: StorageListProps) {
  const { data } = useStorage();
  return (
    <section id={id} className={styles.panel} aria-label={t.open}>
      <p className={styles.help}>{t.lead}</p>
      {data === undefined ? <p aria-busy>…</p> : <Items view={data} trials={trials} />}
      {trials.length > 0 && <ExportAll trials={trials} />}
    </section>
  );
}

function Items({ view, trials }: { view: StorageView; trials: readonly Trial[] }) {
  const models = useMemo(() => trialBytesByModel(trials, view.trials), [trials, view.trials]);
  return (
    <ul className={styles.items}>
      {models.map(({ sha256, model, count, bytes }) => (
        <Item key={sha256} name={t.trialsOf(model, count)} help={t.trialsHelp} bytes={bytes} />
      ))}
      {view.others.map(({ kind, bytes }) => (
        <Item key={kind} {...WORDS[kind]} bytes={bytes} kind={kind} />
      ))}
    </ul>
  );
}

const WORDS: Readonly<Record<StoredKind, { readonly name: string; readonly help?: string }>> = {
  stages: { name: t.stages, help: t.stagesHelp },
  training: { name: t.checkpoints, help: t.checkpointsHelp },
  work: { name: t.work, help: t.workHelp },
  samples: { name: t.samples, help: t.samplesHelp },
  app: { name: t.app, help: t.appHelp },
  other: { name: t.other },
};

interface ItemProps {
  readonly name: string;
  readonly help?: string;
  readonly bytes: number;
  /** What can be cleared as a whole. */
  readonly kind?: StoredKind;
}

function Item({ name, help, bytes, kind }: ItemProps) {
  return (
    <li className={styles.item}>
      <span className={styles.what}>
        {name}
        {help !== undefined && <small className={styles.help}>{help}</small>}
      </span>
      <span>{formatBytes(bytes)}</span>
      <span className={styles.act}>
        {kind !== undefined && (
          <Button aria-label={t.clearOf(name)} onClick={() => void clear(kind, name, bytes)}>
            {t.clear}
          </Button>
        )}
      </span>
    </li>
  );
}

async function clear(kind: StoredKind, name: string, bytes: number): Promise<void> {
  try {
    await clearKept(kind);
    notify(t.cleared(name, formatBytes(bytes)));
  } catch (thrown) {
    notify(toStudioError(thrown).message, { tone: 'error' });
  }
  await refreshTrials();
}
