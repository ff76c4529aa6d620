import { CSPProvider } from '@base-ui/react/csp-provider';
import { Menu } from '@base-ui/react/menu';
import type { LucideIcon } from 'lucide-react';
import { Button } from './button.tsx';
import styles from './popup.module.css';

export interface MenuChoice {
  readonly title: string;
  readonly help?: string;
  readonly perform: () => void;
}

interface ActionMenuProps {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly choices: readonly MenuChoice[];
}

/** A button that opens a few things to do. The policy of the page refuses the style element it would add. */
export function ActionMenu({ label, icon, choices }: ActionMenuProps) {
  return (
    <CSPProvider disableStyleElements>
      <Menu.Root>
        <Menu.Trigger
          render={
            <Button tone="quiet" icon={icon}>
              {label}
            </Button>
          }
        />
        <Menu.Portal>
          <Menu.Positioner sideOffset={4} align="start" className={styles.layer}>
            <Menu.Popup className={styles.popup} aria-label={label}>
              {choices.map(({ title, help, perform }) => (
                <Menu.Item key={title} className={styles.item} onClick={perform}>
                  <span className={styles.described}>
                    <strong>{title}</strong>
                    {help !== undefined && <small>{help}</small>}
                  </span>
                </Menu.Item>
              ))}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </CSPProvider>
  );
}
