import { setLayerBits, toggleLayers } from '../../../flows/rewrite-layers.ts';
import { announce } from '../../../state/notice-store.ts';
import { layers as t } from '../../../strings/en-layers.ts';
import styles from './layers-tab.module.css';

interface BitsSelectProps {
  readonly label: string;
  /** The layers that are changed. */
  readonly names: readonly string[];
  /** What is in force: a number, a method's own word, or nothing where no step works on them. */
  readonly value: string | undefined;
  readonly offered: readonly number[];
}

const LEAVE = 'leave';

/** Bits as a choice: the recipe's targets are written so that these layers get them. */
export function BitsSelect({ label, names, value, offered }: BitsSelectProps) {
  if (offered.length === 0) return null;
  const own = value === undefined || offered.includes(Number(value)) ? [] : [value];
  const change = (chosen: string): void => {
    if (chosen === LEAVE) toggleLayers(names);
    else if (chosen !== value) chooseBits(names, Number(chosen));
  };
  return (
    <select
      className={styles.bits}
      aria-label={label}
      value={value ?? LEAVE}
      onChange={(event) => change(event.target.value)}
      onClick={(event) => event.stopPropagation()}
    >
      {own.map((word) => (
        <option key={word} value={word} disabled>
          {word}
        </option>
      ))}
      {offered.map((bits) => (
        <option key={bits} value={String(bits)}>
          {bits}
        </option>
      ))}
      <option value={LEAVE}>{t.leave}</option>
    </select>
  );
}

/** Gives layers bits, and says so to whom cannot see it. */
export function chooseBits(names: readonly string[], bits: number): void {
  setLayerBits(names, bits);
  announce(t.given(names.length, bits));
}
