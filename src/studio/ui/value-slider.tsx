import { Slider } from '@base-ui/react/slider';
import styles from './value-slider.module.css';

interface ValueSliderProps {
  readonly label: string;
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
  /** What a screen reader says for the value; the number itself when absent. */
  readonly valueText?: (value: number) => string;
  readonly describedBy?: string;
  readonly disabled?: boolean;
  readonly onChange: (value: number) => void;
  /** A drag starts and ends, so that it can count as one change. */
  readonly onDrag?: (dragging: boolean) => void;
}

export function ValueSlider(props: ValueSliderProps) {
  const { label, value, minimum, maximum, step, valueText, onChange, onDrag } = props;
  return (
    <Slider.Root
      className={styles.root}
      value={value}
      min={minimum}
      max={maximum}
      step={step}
      largeStep={step * 10}
      disabled={props.disabled}
      thumbAlignment="edge"
      onValueChange={(next) => {
        onChange(next);
        onDrag?.(true);
      }}
      onValueCommitted={() => onDrag?.(false)}
    >
      <Slider.Control className={styles.control}>
        <Slider.Track className={styles.track}>
          <Slider.Indicator className={styles.indicator} />
          <Slider.Thumb
            className={styles.thumb}
            aria-label={label}
            aria-describedby={props.describedBy}
            getAriaValueText={valueText === undefined ? null : (_text, next) => valueText(next)}
          />
        </Slider.Track>
      </Slider.Control>
    </Slider.Root>
  );
}
