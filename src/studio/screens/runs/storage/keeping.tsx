import { useEffect } from 'react';
import type { Trial } from '../../../../../workers/protocol.ts';
import { lookAtPromise, usePersistence } from '../../../state/persistence.ts';
import { storage as t } from '../../../strings/en-runs.ts';
import { Button } from '../../../ui/button.tsx';
import { deleteLost } from '../delete-trial.ts';
import { ExportAll } from './export-all.tsx';
import { useStorage } from './use-storage.ts';
import styles from './storage.module.css';

/** What threatens the trials, if anything does: quiet lines, each with a way out. */
export function Keeping({ trials }: { trials: readonly Trial[] }) {
  const { data } = useStorage();
  const promised = usePersistence((state) => state.promised);
  useEffect(() => void lookAtPromise().catch(() => undefined), []);
  const risk = data?.forgets === true ? t.forgets : promised === false ? t.notPromised : undefined;
  const lost = data?.lost ?? [];
  const own = trials.filter(({ shipped }) => shipped !== true);
  return (
    <>
      {risk !== undefined && own.length > 0 && (
        <p className={styles.line}>
          {risk} <ExportAll trials={own} />
        </p>
      )}
      {lost.length > 0 && (
        <p className={styles.line}>
          {t.lost(lost)} <Button onClick={() => void deleteLost(lost)}>{t.removeLost}</Button>
        </p>
      )}
    </>
  );
}
