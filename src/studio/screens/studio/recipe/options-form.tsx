import { RotateCcw } from 'lucide-react';
import { Fragment, useId } from 'react';
import type { OptionField } from '../../../../core/methods/options-form.ts';
import {
  inEffect,
  optionValue,
  type MethodCard,
  type OptionValue,
} from '../../../recipe/method-card.ts';
import { beginDrag, endDrag, setOption, type EditableStep } from '../../../state/recipe-store.ts';
import { en } from '../../../strings/en.ts';
import { IconButton } from '../../../ui/button.tsx';
import { BlockMapping } from './block-mapping.tsx';
import { Decided } from './decided.tsx';
import { OptionControl } from './option-control.tsx';
import { problemsUnder, type Problem } from './problems.ts';
import styles from './options-form.module.css';

interface OptionsFormProps {
  readonly card: MethodCard;
  readonly step: EditableStep;
  readonly index: number;
  readonly problems: readonly Problem[];
}

/** A form made from the method's own option schema. */
export function OptionsForm({ card, step, index, problems }: OptionsFormProps) {
  const row = (field: OptionField) => (
    <OptionRow
      key={field.name}
      field={field}
      value={optionValue(step.options, field)}
      problem={problemsUnder(problems, `steps[${index}].options.${field.name}`)[0]?.message}
      onChange={(value) => setOption(step.key, field.name, value)}
    />
  );
  const fields = card.fields.filter((field) => inEffect(step.options, field, card.fields));
  const advanced = fields.filter((field) => field.advanced);
  const wrong = advanced.some(
    ({ name }) => problemsUnder(problems, `steps[${index}].options.${name}`).length > 0,
  );
  return (
    <div className={styles.form}>
      {fields
        .filter((field) => !field.advanced)
        .map((field) =>
          field.control === 'blocks' && card.blocks ? (
            <Fragment key={field.name}>
              {row(field)}
              <BlockMapping card={card} choice={card.blocks} step={step} />
            </Fragment>
          ) : (
            row(field)
          ),
        )}
      <Decided card={card} step={step} />
      {advanced.length > 0 && (
        <details className={styles.advanced} open={wrong || undefined}>
          <summary>{en.recipe.advanced}</summary>
          {advanced.map(row)}
        </details>
      )}
      <UnknownOptions problems={problems} index={index} fields={card.fields} />
    </div>
  );
}

interface OptionRowProps {
  readonly field: OptionField;
  readonly value: OptionValue;
  readonly problem: string | undefined;
  readonly onChange: (value: OptionValue) => void;
}

/** A title that does not fit beside its control stands above it. */
const LONG_TITLE = 15;

function OptionRow({ field, value, problem, onChange }: OptionRowProps) {
  const help = useId();
  const fallback = field.default;
  const changed = fallback !== undefined && value !== fallback;
  return (
    <div
      className={styles.row}
      data-kind={field.kind}
      data-long={field.title.length > LONG_TITLE || undefined}
    >
      <div className={styles.label} title={field.help}>
        <span>{field.title}</span>
        {changed && (
          <IconButton
            icon={RotateCcw}
            label={en.recipe.reset(field.title)}
            small
            className={styles.reset}
            onClick={() => onChange(fallback)}
          />
        )}
      </div>
      <OptionControl
        field={field}
        value={value}
        describedBy={help}
        onChange={onChange}
        onDrag={(dragging) => (dragging ? beginDrag() : endDrag())}
      />
      <p
        id={help}
        title={field.help}
        className={problem === undefined ? styles.help : styles.problem}
      >
        {problem ?? firstSentence(field.help)}
      </p>
    </div>
  );
}

/** One line under the control; the rest shows on hover, and on the Learn screen. */
function firstSentence(help: string): string {
  return /^.+?[.!?](?=\s|$)/.exec(help)?.[0] ?? help;
}

/** A recipe from outside may name options this version does not have: the sentence must be seen. */
function UnknownOptions(
  props: Pick<OptionsFormProps, 'problems' | 'index'> & { fields: readonly OptionField[] },
) {
  const { problems, index, fields } = props;
  const prefix = `steps[${index}].options`;
  const known = fields.flatMap(({ name }) => problemsUnder(problems, `${prefix}.${name}`));
  const rest = problemsUnder(problems, prefix).filter((problem) => !known.includes(problem));
  return rest.map(({ message }) => (
    <p key={message} role="alert" className={styles.problem}>
      {message}
    </p>
  ));
}
