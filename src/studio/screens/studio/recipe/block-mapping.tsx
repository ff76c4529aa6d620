import { keptBlocks } from '../../../../core/methods/distillation/distill/mapping.ts';
import { useModel } from '../../../state/model-store.ts';
import { updateStep, type EditableStep } from '../../../state/recipe-store.ts';
import { en } from '../../../strings/en.ts';
import styles from './block-mapping.module.css';

/** Height of one block and the space below it. */
const PITCH = 28;
const MIDDLE = 12;
const LINES = 64;

/**
 * Which of the teacher's blocks a shallow student is made of, or a fresh one's blocks stand for; a click on
 * a block changes it.
 */
export function BlockMapping({ step }: { step: EditableStep }) {
  const depth = useModel((state) => state.view?.anatomy.blocks.length) ?? 0;
  const kept = keptOf(depth, step.options);
  if (depth < 2) return null;
  const fresh = step.options['student'] === 'fresh';
  const words = en.training.mappings[fresh ? 'fresh' : 'shallow'];
  const toggle = (block: number): void => {
    const blocks = kept.includes(block) ? kept.filter((k) => k !== block) : [...kept, block];
    const text = blocks.sort((a, b) => a - b).join(', ');
    updateStep(step.key, { options: { ...step.options, keep: 'custom', blocks: text } });
  };
  const first = ((depth - kept.length) * PITCH) / 2;
  return (
    <fieldset className={styles.mapping} title={words.help}>
      <legend>{words.legend(kept.length, depth)}</legend>
      <div className={styles.picture}>
        <Teacher
          depth={depth}
          kept={kept}
          most={fresh ? depth : depth - 1}
          label={words.block}
          onToggle={toggle}
        />
        <svg width={LINES} height={depth * PITCH} aria-hidden>
          {kept.map((block, at) => (
            <path key={block} d={lineOf(block * PITCH + MIDDLE, first + at * PITCH + MIDDLE)} />
          ))}
        </svg>
        <ol
          className={styles.student}
          aria-label={en.training.student}
          style={{ paddingTop: first }}
        >
          {kept.map((block, at) => (
            <li key={block}>{at}</li>
          ))}
        </ol>
      </div>
    </fieldset>
  );
}

interface TeacherProps {
  readonly depth: number;
  readonly kept: readonly number[];
  /** How many a student may have. */
  readonly most: number;
  readonly label: (block: number) => string;
  readonly onToggle: (block: number) => void;
}

function Teacher({ depth, kept, most, label, onToggle }: TeacherProps) {
  return (
    <ol className={styles.teacher} aria-label={en.training.teacher}>
      {Array.from({ length: depth }, (_, block) => {
        const stays = kept.includes(block);
        // A student has at least one block, and a shallow one fewer than its teacher.
        const fixed = stays ? kept.length === 1 : kept.length >= most;
        return (
          <li key={block}>
            <button
              type="button"
              aria-pressed={stays}
              aria-label={label(block)}
              disabled={fixed}
              onClick={() => onToggle(block)}
            >
              {block}
            </button>
          </li>
        );
      })}
    </ol>
  );
}

function lineOf(from: number, to: number): string {
  const half = LINES / 2;
  return `M0,${from}C${half},${from} ${half},${to} ${LINES},${to}`;
}

const KEEPS = ['every', 'first', 'last', 'custom'] as const;

/** The same choice that the run will make; a list it would refuse is drawn as no block at all. */
function keptOf(depth: number, options: EditableStep['options']): number[] {
  const keep = KEEPS.find((name) => name === options['keep']) ?? 'every';
  const ratio = typeof options['ratio'] === 'number' ? options['ratio'] : 0.5;
  const blocks = typeof options['blocks'] === 'string' ? options['blocks'] : '';
  try {
    const student = options['student'] === 'fresh' ? 'fresh' : 'shallow';
    return keptBlocks(depth, { student, keep, ratio, blocks });
  } catch {
    return [];
  }
}
