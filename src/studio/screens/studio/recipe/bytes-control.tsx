import { bytesText, parseBytes } from '../../../recipe/bytes-text.ts';
import styles from './options-form.module.css';

interface BytesControlProps {
  readonly label: string;
  readonly value: number | undefined;
  readonly describedBy: string;
  readonly onChange: (bytes: number) => void;
}

/** A size with its unit, taken when the field is left: what is half typed is no size yet. */
export function BytesControl({ label, value, describedBy, onChange }: BytesControlProps) {
  const shown = value === undefined ? '' : bytesText(value);
  const take = (field: HTMLInputElement): void => {
    const bytes = parseBytes(field.value);
    if (bytes === undefined) field.value = shown;
    else if (bytes !== value) onChange(bytes);
  };
  return (
    <input
      className={styles.open}
      aria-label={`${label}, value`}
      aria-describedby={describedBy}
      placeholder="3 MB"
      key={shown}
      defaultValue={shown}
      onKeyDown={(event) => event.key === 'Enter' && take(event.currentTarget)}
      onBlur={(event) => take(event.currentTarget)}
    />
  );
}
