import { NumberField } from '@base-ui/react/number-field';
import { useId, useMemo } from 'react';
import type { OptionField } from '../../../../core/methods/options-form.ts';
import type { OptionValue } from '../../../recipe/method-card.ts';
import { ChoiceMenu } from '../../../ui/choice-menu.tsx';
import { Segmented } from '../../../ui/segmented.tsx';
import { ValueSlider } from '../../../ui/value-slider.tsx';
import { BytesControl } from './bytes-control.tsx';
import styles from './options-form.module.css';

interface OptionControlProps {
  readonly field: OptionField;
  readonly value: OptionValue;
  readonly describedBy: string;
  readonly onChange: (value: OptionValue) => void;
  readonly onDrag: (dragging: boolean) => void;
}

/** The control that fits the kind of option. */
export function OptionControl(props: OptionControlProps) {
  const { field, value } = props;
  if (field.kind === 'boolean') return <Toggle {...props} />;
  if (field.kind === 'choice') {
    if (field.also !== undefined) return <OpenChoice {...props} />;
    return isScale(field) ? <ScaleControl {...props} /> : <NamedChoice {...props} />;
  }
  if (field.kind === 'text') return <OpenChoice {...props} />;
  const number = value === '' ? undefined : Number(value);
  if (isBytes(field)) return <BytesControl {...props} label={field.title} value={number} />;
  return <NumberControl {...props} value={number} />;
}

/** Which of the row's columns a control takes: those of control and value, both, or the last alone. */
export function placeOf(field: OptionField): 'slider' | 'wide' | 'end' {
  if (field.kind === 'boolean') return 'end';
  if (field.kind === 'text' || field.also !== undefined || isBytes(field)) return 'wide';
  if (field.kind === 'choice') return isScale(field) ? 'slider' : 'wide';
  return hasSlider(field) ? 'slider' : 'end';
}

/** A size is written with its unit, however many bytes it is. */
function isBytes({ unit }: OptionField): boolean {
  return unit === 'bytes';
}

/** Choices that start with numbers are an ordered scale: 16 … 256, channel, tensor. */
function isScale({ choices = [] }: OptionField): boolean {
  return choices.length > 2 && choices.filter((choice) => typeof choice === 'number').length > 2;
}

/** From small to large, in the order of the schema or the other way round: names stand where they stand there. */
function ascending(choices: NonNullable<OptionField['choices']>): (number | string)[] {
  const numbers = choices.filter((choice) => typeof choice === 'number');
  const falls = numbers[0] > numbers[numbers.length - 1];
  return falls ? [...choices].reverse() : [...choices];
}

function ScaleControl({ field, value, describedBy, onChange, onDrag }: OptionControlProps) {
  const choices = useMemo(() => ascending(field.choices ?? []), [field]);
  const at = Math.max(
    0,
    choices.findIndex((choice) => choice === value),
  );
  return (
    <>
      <ValueSlider
        label={field.title}
        value={at}
        minimum={0}
        maximum={choices.length - 1}
        step={1}
        valueText={(index) => String(choices[index])}
        describedBy={describedBy}
        onChange={(index) => onChange(choices[index])}
        onDrag={onDrag}
      />
      <span className={styles.value}>
        {String(value)}
        {field.unit && typeof value === 'number' ? ` ${field.unit}` : ''}
      </span>
    </>
  );
}

function NamedChoice({ field, value, onChange }: OptionControlProps) {
  const choices = field.choices ?? [];
  const options = choices.map((choice) => ({ value: String(choice), label: String(choice) }));
  const pick = (text: string): void => {
    const choice = choices.find((candidate) => String(candidate) === text);
    if (choice !== undefined) onChange(choice);
  };
  return fitsInRow(options.map(({ label }) => label)) ? (
    <Segmented label={field.title} value={String(value)} options={options} onChange={pick} />
  ) : (
    <ChoiceMenu label={field.title} value={String(value)} choices={options} onChange={pick} />
  );
}

/** Pixels that the columns of control and value have, of a letter in a wide font, and around each label. */
const [ROOM, LETTER, AROUND] = [184, 7.4, 14];

/** Whether all choices can stand side by side in one line, whatever the font. */
function fitsInRow(labels: readonly string[]): boolean {
  return labels.reduce((sum, label) => sum + label.length * LETTER + AROUND, 0) <= ROOM;
}

/** A choice that also takes values nobody listed, such as any N:M pattern: a field with suggestions. */
function OpenChoice({ field, value, describedBy, onChange }: OptionControlProps) {
  const list = useId();
  return (
    <>
      <input
        className={styles.open}
        list={field.choices && list}
        aria-label={field.title}
        aria-describedby={describedBy}
        placeholder={field.also}
        key={String(value)}
        defaultValue={String(value)}
        onChange={(event) => {
          if (field.choices?.some((choice) => String(choice) === event.target.value) === true) {
            onChange(event.target.value);
          }
        }}
        onBlur={(event) => onChange(event.target.value.trim())}
      />
      {field.choices && (
        <datalist id={list}>
          {field.choices.map((choice) => (
            <option key={String(choice)} value={String(choice)} />
          ))}
        </datalist>
      )}
    </>
  );
}

function Toggle({ field, value, describedBy, onChange }: OptionControlProps) {
  return (
    <input
      type="checkbox"
      role="switch"
      className={styles.toggle}
      aria-label={field.title}
      aria-describedby={describedBy}
      checked={value === true}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}

function NumberControl(
  props: Omit<OptionControlProps, 'value'> & { readonly value: number | undefined },
) {
  const { field, value, describedBy, onChange, onDrag } = props;
  const step = stepOf(field);
  const { minimum, maximum } = field;
  return (
    <>
      {value !== undefined &&
        minimum !== undefined &&
        maximum !== undefined &&
        hasSlider(field) && (
          <ValueSlider
            label={field.title}
            value={value}
            minimum={minimum}
            maximum={maximum}
            step={step}
            describedBy={describedBy}
            onChange={onChange}
            onDrag={onDrag}
          />
        )}
      <NumberField.Root
        className={styles.number}
        value={value ?? null}
        min={minimum}
        max={maximum}
        step={step}
        format={{ maximumFractionDigits: 6, useGrouping: false }}
        onValueChange={(next) => next !== null && onChange(next)}
      >
        <NumberField.Input aria-label={`${field.title}, value`} aria-describedby={describedBy} />
      </NumberField.Root>
    </>
  );
}

function hasSlider(field: OptionField): boolean {
  const { minimum, maximum } = field;
  return minimum !== undefined && maximum !== undefined && isDragged(field, maximum - minimum);
}

/** Where the usual value would be pressed against the end of the slider, it is typed, not dragged. */
function isDragged({ minimum = 0, default: usual }: OptionField, span: number): boolean {
  if (span <= 1 || typeof usual !== 'number') return span <= MOST_STOPS;
  return (usual - minimum) / span >= 0.05;
}

/** Ranges wider than this are not dragged either. */
const MOST_STOPS = 5000;

/** Fine enough for a slider of about a hundred stops, on a decimal grid. */
export function stepOf({ kind, minimum, maximum, step }: OptionField): number {
  if (step !== undefined && step !== 1) return step;
  const span = minimum === undefined || maximum === undefined ? undefined : maximum - minimum;
  if (kind === 'integer') return span !== undefined && span > 500 ? 10 : 1;
  if (span === undefined || !(span > 0)) return 0.01;
  return 10 ** Math.floor(Math.log10(span / 50));
}
