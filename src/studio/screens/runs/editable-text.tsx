import styles from './runs-table.module.css';

interface EditableTextProps {
  readonly label: string;
  readonly text: string;
  readonly placeholder?: string;
  readonly onChange: (text: string) => void;
}

/** Text that is a field when one writes in it; leaving it keeps the change, Esc gives it up. */
export function EditableText({ label, text, placeholder, onChange }: EditableTextProps) {
  return (
    <input
      key={text}
      className={styles.text}
      aria-label={label}
      title={text === '' ? undefined : text}
      placeholder={placeholder}
      defaultValue={text}
      onBlur={(event) => {
        const next = event.target.value.trim();
        if (next !== text) onChange(next);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.value = text;
        if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur();
      }}
    />
  );
}
