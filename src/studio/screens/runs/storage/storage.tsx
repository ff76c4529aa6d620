import { ChevronDown } from 'lucide-react';
import { useId, useState } from 'react';
import type { Trial } from '../../../../../workers/protocol.ts';
import { formatBytes } from '../../../format/format.ts';
import { useCapabilities } from '../../../shell/device-chip.tsx';
import { storage as t } from '../../../strings/en-runs.ts';
import { en } from '../../../strings/en.ts';
import { StorageList } from './storage-list.tsx';
import styles from './storage.module.css';

/** How full it is; opens into what takes the space. */
export function Storage({ trials }: { trials: readonly Trial[] }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const usage = useCapabilities().data?.storage;
  if (usage === undefined) return null;
  const { usedBytes, quotaBytes } = usage;
  return (
    <>
      <button
        type="button"
        className={styles.button}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        title={t.open}
        onClick={() => setOpen(!open)}
      >
        <span>{t.title}</span>
        <meter min={0} max={quotaBytes} value={usedBytes} aria-label={t.title} />
        <span>{en.runs.storageOf(formatBytes(usedBytes), formatBytes(quotaBytes))}</span>
        <ChevronDown size={13} aria-hidden />
      </button>
      {open && <StorageList id={id} trials={trials} />}
    </>
  );
}
