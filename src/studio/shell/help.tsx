import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { shortcutLabel } from '../actions/action.ts';
import { ACTIONS } from '../actions/registry.ts';
import { useView } from '../state/view-store.ts';
import { en } from '../strings/en.ts';
import { IconButton } from '../ui/button.tsx';
import styles from './dialog.module.css';

/** All shortcuts, made from the registry, so that the help cannot lie. */
export function Help() {
  return (
    <Dialog.Root open onOpenChange={(open) => useView.setState({ help: open })}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.backdrop} />
        <Dialog.Popup className={styles.popup}>
          <div className={styles.head}>
            <Dialog.Title>{en.help.title}</Dialog.Title>
            <Dialog.Close render={<IconButton icon={X} label={en.help.close} small />} />
          </div>
          {/* It scrolls, so the keyboard must be able to get there. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <dl className={styles.keys} tabIndex={0}>
            {ACTIONS.flatMap(({ id, title, shortcut }) =>
              shortcut === undefined
                ? []
                : [
                    <div key={id}>
                      <dt>{title}</dt>
                      <dd>
                        <kbd>{shortcutLabel(shortcut)}</kbd>
                      </dd>
                    </div>,
                  ],
            )}
          </dl>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
