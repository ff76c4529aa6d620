import { CSPProvider } from '@base-ui/react/csp-provider';
import { Select } from '@base-ui/react/select';
import { Check, ChevronsUpDown } from 'lucide-react';
import styles from './popup.module.css';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

interface ChoiceMenuProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
}

/** One of many: a labelled select. The policy of the page refuses the style element it would add. */
export function ChoiceMenu(props: ChoiceMenuProps) {
  return (
    <CSPProvider disableStyleElements>
      <Choices {...props} />
    </CSPProvider>
  );
}

function Choices({ label, value, choices, onChange }: ChoiceMenuProps) {
  return (
    <Select.Root
      items={choices}
      value={value}
      onValueChange={(next) => next !== null && onChange(next)}
    >
      <Select.Trigger className={styles.trigger} aria-label={label}>
        <Select.Value className={styles.value} />
        <Select.Icon className={styles.chevron}>
          <ChevronsUpDown size={12} aria-hidden />
        </Select.Icon>
      </Select.Trigger>
      <Select.Portal>
        <Select.Positioner sideOffset={4} alignItemWithTrigger={false} className={styles.layer}>
          <Select.Popup className={styles.popup}>
            <Select.List>
              {choices.map((choice) => (
                <Select.Item key={choice.value} value={choice.value} className={styles.item}>
                  <Select.ItemText>{choice.label}</Select.ItemText>
                  <Select.ItemIndicator className={styles.check}>
                    <Check size={13} aria-hidden />
                  </Select.ItemIndicator>
                </Select.Item>
              ))}
            </Select.List>
          </Select.Popup>
        </Select.Positioner>
      </Select.Portal>
    </Select.Root>
  );
}
