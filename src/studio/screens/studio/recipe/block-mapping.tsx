import type { BlockChoice, BlockWords } from '../../../../core/methods/block-choice.ts';
import { defaultOptions, type MethodCard } from '../../../recipe/method-card.ts';
import { useModel } from '../../../state/model-store.ts';
import { updateStep, type EditableStep } from '../../../state/recipe-store.ts';
import styles from './block-mapping.module.css';

/** Height of one block and the space below it. */
const PITCH = 28;
const MIDDLE = 12;
const LINES = 64;

interface BlockMappingProps {
  readonly card: MethodCard;
  readonly choice: BlockChoice;
  readonly step: EditableStep;
}

/** Which blocks of the model the options choose; a click on a block changes it. */
export function BlockMapping({ card, choice, step }: BlockMappingProps) {
  const depth = useModel((state) => state.view?.anatomy.blocks.length) ?? 0;
  if (depth < 2) return null;
  const options = { ...defaultOptions(card), ...step.options };
  const words = choice.words(options);
  const chosen = chosenOf(choice, options, depth);
  const toggle = (block: number): void => {
    const others = chosen.filter((other) => other !== block);
    const blocks = others.length < chosen.length ? others : [...chosen, block];
    const change = choice.choose(blocks.sort((a, b) => a - b));
    updateStep(step.key, { options: { ...step.options, ...change } });
  };
  const first = ((depth - chosen.length) * PITCH) / 2;
  return (
    <fieldset className={styles.mapping} title={words.help}>
      <legend>{words.legend(chosen.length, depth)}</legend>
      <div className={styles.picture}>
        <AllBlocks
          depth={depth}
          chosen={chosen}
          most={choice.most(options, depth)}
          words={words}
          onToggle={toggle}
        />
        <svg width={LINES} height={depth * PITCH} aria-hidden>
          {chosen.map((block, at) => (
            <path key={block} d={lineOf(block * PITCH + MIDDLE, first + at * PITCH + MIDDLE)} />
          ))}
        </svg>
        <ol className={styles.to} aria-label={words.to} style={{ paddingTop: first }}>
          {chosen.map((block, at) => (
            <li key={block}>{at}</li>
          ))}
        </ol>
      </div>
    </fieldset>
  );
}

interface AllBlocksProps {
  readonly depth: number;
  readonly chosen: readonly number[];
  readonly most: number;
  readonly words: BlockWords;
  readonly onToggle: (block: number) => void;
}

function AllBlocks({ depth, chosen, most, words, onToggle }: AllBlocksProps) {
  return (
    <ol className={styles.from} aria-label={words.from}>
      {Array.from({ length: depth }, (_, block) => {
        const stays = chosen.includes(block);
        const fixed = stays ? chosen.length === 1 : chosen.length >= most;
        return (
          <li key={block}>
            <button
              type="button"
              aria-pressed={stays}
              aria-label={words.block(block)}
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

/** The same choice that the run will make; a list it would refuse is drawn as no block at all. */
function chosenOf(
  choice: BlockChoice,
  options: EditableStep['options'],
  depth: number,
): readonly number[] {
  try {
    return choice.chosen(options, depth);
  } catch {
    return [];
  }
}
