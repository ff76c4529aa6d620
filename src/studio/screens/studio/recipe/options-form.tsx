import { RotateCcw } from 'lucide-react';
import { Fragment, useId } from 'react';
import type { OptionField } from '../../../../core/methods/options-form.ts';
import {
  inEffect,
  optionValue,
  type MethodCard,
  type OptionValue,
} from '../../../recipe/method-card.ts';
import { plainSentence } from '../../../recipe/problem-words.ts';
import { beginDrag, endDrag, setOption, type EditableStep } from '../../../state/recipe-store.ts';
import { en } from '../../../strings/en.ts';
import { IconButton } from '../../../ui/button.tsx';
import { BlockMapping } from './block-mapping.tsx';
import { Decided } from './decided.tsx';
import { OptionControl, placeOf } from './option-control.tsx';
import { PositionsTable } from './positions-table.tsx';
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
      problem={sentenceAt(problems, `steps[${index}].options.${field.name}`)}
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
        .map((field) => (
          <Fragment key={field.name}>
            {row(field)}
            {field.control === 'blocks' && card.blocks && (
              <BlockMapping card={card} choice={card.blocks} step={step} />
            )}
            {field.control === 'positions' && (
              <PositionsTable card={card} field={field} step={step} index={index} />
            )}
          </Fragment>
        ))}
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

function sentenceAt(problems: readonly Problem[], path: string): string | undefined {
  const problem = problemsUnder(problems, path).at(0);
  return problem && plainSentence(problem, []);
}

interface OptionRowProps {
  readonly field: OptionField;
  readonly value: OptionValue;
  readonly problem: string | undefined;
  readonly onChange: (value: OptionValue) => void;
}

/** Label, control, value, in the columns that all rows share; its help stands at the foot of the card. */
function OptionRow({ field, value, problem, onChange }: OptionRowProps) {
  const help = useId();
  const fallback = field.default;
  const changed = fallback !== undefined && value !== fallback;
  return (
    <div className={styles.row} data-place={placeOf(field)} data-help={field.help}>
      <div className={styles.label}>
        <span>
          {field.title}
          {unitBeside(field)}
        </span>
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
      <span id={help} className="visually-hidden">
        {field.help} {problem}
      </span>
      {problem !== undefined && <p className={styles.problem}>{problem}</p>}
    </div>
  );
}

/** The unit of a number that is typed: its field is as wide as every other one. */
function unitBeside({ kind, unit }: OptionField) {
  if (unit === undefined || (kind !== 'number' && kind !== 'integer')) return null;
  return <small> {unit}</small>;
}

/** A recipe from outside may name options this version does not have: the sentence must be seen. */
function UnknownOptions(
  props: Pick<OptionsFormProps, 'problems' | 'index'> & { fields: readonly OptionField[] },
) {
  const { problems, index, fields } = props;
  const prefix = `steps[${index}].options`;
  const known = fields.flatMap(({ name }) => problemsUnder(problems, `${prefix}.${name}`));
  const rest = problemsUnder(problems, prefix).filter((problem) => !known.includes(problem));
  return rest.map((problem) => (
    <p key={problem.message} className={styles.problem}>
      {plainSentence(problem, [])}
    </p>
  ));
}
