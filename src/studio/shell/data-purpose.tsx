import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { Purpose } from '../files/folder.ts';
import { sortData } from '../flows/take-data.ts';
import { useView } from '../state/view-store.ts';
import { en } from '../strings/en.ts';
import { IconButton } from '../ui/button.tsx';
import styles from './data-purpose.module.css';
import dialog from './dialog.module.css';

const PURPOSES: readonly Purpose[] = ['evaluation', 'calibration'];

/** Asks what a data file is for when its name does not say so. */
export function DataPurpose() {
  const file = useView((state) => state.unsorted.at(0));
  if (file === undefined) return null;
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return (
    <Dialog.Root open onOpenChange={(open) => void (open || sortData(undefined))}>
      <Dialog.Portal>
        <Dialog.Backdrop className={dialog.backdrop} />
        <Dialog.Popup className={dialog.popup}>
          <div className={dialog.head}>
            <Dialog.Title>{en.open.purpose(name)}</Dialog.Title>
            <Dialog.Close render={<IconButton icon={X} label={en.open.cancelData} small />} />
          </div>
          <div className={styles.choices}>
            {PURPOSES.map((purpose) => (
              <button
                key={purpose}
                type="button"
                className={styles.choice}
                onClick={() => void sortData(purpose)}
              >
                <b>{en.open.purposes[purpose].title}</b>
                <span>{en.open.purposes[purpose].help}</span>
              </button>
            ))}
          </div>
          <p className={styles.note}>{en.open.purposeNote}</p>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
