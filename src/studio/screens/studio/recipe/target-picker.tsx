import { X } from 'lucide-react';
import type { Block } from '../../../../core/anatomy/types.ts';
import type { TargetBase } from '../../../../core/recipe/types.ts';
import { useModel } from '../../../state/model-store.ts';
import { updateStep, type EditableStep } from '../../../state/recipe-store.ts';
import { useView } from '../../../state/view-store.ts';
import { plainSentence } from '../../../recipe/problem-words.ts';
import {
  exceptedNames,
  include,
  otherExceptions,
  ROLE_GROUPS,
  targetKind,
  withBlocks,
  withKind,
  withoutException,
  withTensors,
  type TargetKind,
} from '../../../recipe/target.ts';
import { en } from '../../../strings/en.ts';
import { Button } from '../../../ui/button.tsx';
import { ChoiceMenu } from '../../../ui/choice-menu.tsx';
import type { Problem } from './problems.ts';
import styles from './target-picker.module.css';

const NO_BLOCKS: readonly Block[] = [];
const KINDS: readonly TargetKind[] = ['all', ...ROLE_GROUPS, 'blocks', 'tensors'];

interface TargetPickerProps {
  readonly step: EditableStep;
  readonly problems: readonly Problem[];
}

/** Which layers a step works on: everything, a role, blocks, or chosen layers, less the excepted. */
export function TargetPicker({ step, problems }: TargetPickerProps) {
  const { target } = step;
  const kind = targetKind(target);
  const set = (next: EditableStep['target']): void => updateStep(step.key, { target: next });
  return (
    <div className={styles.picker}>
      <span className={styles.label}>{en.recipe.target}</span>
      <ChoiceMenu
        label={en.recipe.target}
        value={kind}
        choices={KINDS.map((value) => ({ value, label: en.recipe.targets[value] }))}
        onChange={(value) => set(withKind(target, value as TargetKind))}
      />
      {kind === 'blocks' && <Blocks step={step} />}
      {kind === 'tensors' && <Tensors step={step} />}
      {problems.map((problem) => (
        <p key={problem.message} className={styles.problem}>
          {plainSentence(problem, [])}
        </p>
      ))}
      <Excepted step={step} />
    </div>
  );
}

function Blocks({ step }: { step: EditableStep }) {
  const blocks = useModel((state) => state.view?.anatomy.blocks ?? NO_BLOCKS);
  const { target } = step;
  const chosen = typeof target === 'object' ? (target.blocks ?? []) : [];
  const toggle = (index: number): void => {
    const next = chosen.includes(index)
      ? chosen.filter((other) => other !== index)
      : [...chosen, index];
    updateStep(step.key, { target: withBlocks(target, next) });
  };
  return (
    <div className={styles.blocks} role="group" aria-label={en.recipe.blocks}>
      {blocks.map(({ index, stack }) => (
        <button
          key={`${stack} ${index}`}
          type="button"
          aria-pressed={chosen.includes(index)}
          aria-label={`Block ${index}`}
          onClick={() => toggle(index)}
        >
          {index}
        </button>
      ))}
    </div>
  );
}

function Tensors({ step }: { step: EditableStep }) {
  const selected = useView((state) => state.layer);
  const { target } = step;
  const names = typeof target === 'object' ? (target.tensors ?? []) : [];
  const set = (tensors: readonly string[]): void =>
    updateStep(step.key, { target: withTensors(target, tensors) });
  return (
    <div className={styles.tensors}>
      <textarea
        aria-label={en.recipe.targets.tensors}
        rows={Math.min(6, names.length + 1)}
        spellCheck={false}
        placeholder={en.recipe.tensorsHelp}
        defaultValue={names.join('\n')}
        key={names.join('\n')}
        onBlur={(event) =>
          set(
            event.target.value
              .split('\n')
              .map((line) => line.trim())
              .filter(Boolean),
          )
        }
      />
      {selected !== undefined && !names.includes(selected) && (
        <Button tone="quiet" title={selected} onClick={() => set([...names, selected])}>
          {en.recipe.useSelected}
        </Button>
      )}
    </div>
  );
}

function Excepted({ step }: { step: EditableStep }) {
  const names = exceptedNames(step.target);
  const others = otherExceptions(step.target);
  if (names.length + others.length === 0) return null;
  return (
    <div className={styles.excepted}>
      <span>{en.recipe.except}</span>
      <ul>
        {others.map((base) => (
          <Exception
            key={JSON.stringify(base)}
            label={exceptionLabel(base)}
            onRemove={() => updateStep(step.key, { target: withoutException(step.target, base) })}
          />
        ))}
        {names.map((name) => (
          <Exception
            key={name}
            label={name}
            onRemove={() => updateStep(step.key, { target: include(step.target, name) })}
          />
        ))}
      </ul>
    </div>
  );
}

function exceptionLabel(base: TargetBase): string {
  if (typeof base === 'string') return en.recipe.targets[base];
  if (base.role !== undefined) return en.recipe.targets[base.role];
  return `${en.recipe.blocks} ${base.blocks?.join(', ') ?? ''}`;
}

function Exception({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <li>
      <span title={label}>
        <bdi>{label}</bdi>
      </span>
      <button type="button" aria-label={en.recipe.exceptRemove(label)} onClick={onRemove}>
        <X size={12} aria-hidden />
      </button>
    </li>
  );
}
