import { useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { numberText } from '../number-text.ts';
import styles from './inputs.module.css';

interface HandleProps {
  readonly label: string;
  readonly sign: string;
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Of its box, in percent from the left. */
  readonly place: number;
  /** Numbers across the whole box. */
  readonly span: number;
  readonly onMove: (value: number) => void;
  /** It was let go: what it was moved to holds. */
  readonly onDone: () => void;
}

/** A line across the picture that is dragged, or moved by keys. */
export function Handle(props: HandleProps) {
  const { label, sign, value, minimum, maximum, place, span, onMove, onDone } = props;
  const start = useRef<{ readonly x: number; readonly value: number }>(undefined);
  const within = (next: number): number => Math.min(maximum, Math.max(minimum, next));
  const drag = (event: PointerEvent<HTMLElement>): void => {
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    if (start.current === undefined || box === undefined || box.width === 0) return;
    onMove(within(start.current.value + ((event.clientX - start.current.x) / box.width) * span));
  };
  const press = (event: KeyboardEvent): void => {
    const next = keyed(event, value, { minimum, maximum, span });
    if (next === undefined) return;
    event.preventDefault();
    onMove(within(next));
  };
  const end = (): void => {
    start.current = undefined;
    onDone();
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      className={styles.handle}
      style={{ left: `${place}%` }}
      aria-label={label}
      aria-valuemin={minimum}
      aria-valuemax={maximum}
      aria-valuenow={value}
      aria-valuetext={numberText(value)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, value };
      }}
      onPointerMove={drag}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={press}
      onKeyUp={onDone}
    >
      <span aria-hidden>{sign}</span>
    </div>
  );
}

/** A hundredth of the picture to the left or right, a twentieth with Shift; the ends with Home and End. */
function keyed(
  { key, shiftKey, ctrlKey, metaKey, altKey }: KeyboardEvent,
  value: number,
  { minimum, maximum, span }: Pick<HandleProps, 'minimum' | 'maximum' | 'span'>,
): number | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  const by = span * (shiftKey ? 0.05 : 0.01);
  const keys: Readonly<Record<string, number>> = {
    ...{ ArrowLeft: value - by, ArrowDown: value - by, PageDown: value - 0.1 * span },
    ...{ ArrowRight: value + by, ArrowUp: value + by, PageUp: value + 0.1 * span },
    ...{ Home: minimum, End: maximum },
  };
  return keys[key];
}
