import type { NamedParts, PartCut } from '../../../../core/methods/part-cut.ts';
import type { Anatomy, Block } from '../../../../core/anatomy/types.ts';
import type { Step } from '../../../../core/recipe/types.ts';
import { defaultOptions, type MethodCard } from '../../../recipe/method-card.ts';

/** What is chosen in the picture: whole blocks, and single heads of others. */
export interface CutChoice {
  readonly blocks: readonly BlockPlace[];
  readonly heads: readonly HeadPlace[];
}

export type BlockPlace = Pick<Block, 'stack' | 'index'>;

export interface HeadPlace extends BlockPlace {
  readonly head: number;
}

export const NOTHING_CHOSEN: CutChoice = { blocks: [], heads: [] };

const sameBlock = (a: BlockPlace, b: BlockPlace): boolean =>
  a.stack === b.stack && a.index === b.index;
const sameHead = (a: HeadPlace, b: HeadPlace): boolean => sameBlock(a, b) && a.head === b.head;

export function hasBlock({ blocks }: CutChoice, place: BlockPlace): boolean {
  return blocks.some((other) => sameBlock(other, place));
}

export function hasHead({ heads }: CutChoice, place: HeadPlace): boolean {
  return heads.some((other) => sameHead(other, place));
}

export function withBlock(choice: CutChoice, place: BlockPlace): CutChoice {
  const blocks = hasBlock(choice, place)
    ? choice.blocks.filter((other) => !sameBlock(other, place))
    : [...choice.blocks, place];
  return { ...choice, blocks };
}

/** A head with all queries that share its keys and values: they go together. */
export function withHead(choice: CutChoice, block: Block, head: number): CutChoice {
  const { stack, index, heads = 0, keyValueHeads = heads } = block;
  const each = keyValueHeads > 0 ? Math.max(1, Math.floor(heads / keyValueHeads)) : 1;
  const first = head - (head % each);
  const group = Array.from({ length: each }, (_, at) => ({ stack, index, head: first + at }));
  const rest = choice.heads.filter((other) => !group.some((own) => sameHead(own, other)));
  return { ...choice, heads: hasHead(choice, group[0]) ? rest : [...rest, ...group] };
}

/** What the recipe takes out by name of the model that is open: its first steps, before anything else changed it. */
export function cutAlready(steps: readonly Step[], cards: readonly MethodCard[]): NamedParts[] {
  return leading(steps, cards).map(({ named }) => named);
}

/**
 * The recipe with steps that take out the chosen parts at its beginning (behind what is lossless), where numbers are those of the open model:
 * heads before blocks, as numbers of blocks move up. What the recipe takes out there by name already goes, too.
 */
export function withCut(
  steps: readonly Step[],
  choice: CutChoice,
  anatomy: Anatomy,
  cards: readonly MethodCard[],
): readonly Step[] {
  const cuts = leading(steps, cards);
  const first = harmless(steps, cards);
  const parts = [...cuts.map(({ named }) => named), ...partsOf(choice, anatomy)];
  return [
    ...steps.slice(0, first),
    ...stepsOf('heads', parts, cards),
    ...stepsOf('blocks', parts, cards),
    ...steps.slice(first + cuts.length),
  ];
}

/** How many steps at the beginning leave everything what it was. */
function harmless(steps: readonly Step[], cards: readonly MethodCard[]): number {
  const changes = steps.findIndex(
    ({ method, disabled }) =>
      disabled !== true && cards.find(({ id }) => id === method)?.lossless !== true,
  );
  return changes < 0 ? steps.length : changes;
}

interface Leading {
  readonly step: Step;
  readonly named: NamedParts;
}

function leading(steps: readonly Step[], cards: readonly MethodCard[]): readonly Leading[] {
  const found: Leading[] = [];
  for (const step of steps.slice(harmless(steps, cards))) {
    const cuts = cards.find(({ id }) => id === step.method)?.cuts;
    const named = step.disabled === true ? undefined : cuts?.named(step.options);
    if (named === undefined) break;
    found.push({ step, named });
  }
  return found;
}

/** What is chosen, by stack; heads of a block that goes as a whole are no news. */
function partsOf({ blocks, heads }: CutChoice, { layers }: Anatomy): NamedParts[] {
  return (['encoder', 'decoder'] as const).map((stack) => {
    const gone = blocks.filter((block) => block.stack === stack).map(({ index }) => index);
    const outputs = layers.filter((layer) => layer.role === 'attention-output');
    const own = outputs.flatMap((layer) => {
      const chosen = heads.filter(
        ({ stack: of, index }) => of === stack && layer.stack === stack && index === layer.block,
      );
      return chosen.length === 0 || gone.includes(layer.block ?? -1)
        ? []
        : [[layer.name, chosen.map(({ head }) => head)] as const];
    });
    return { stack, blocks: gone, heads: Object.fromEntries(own) };
  });
}

/** One step for all heads, and one for the blocks of each stack. */
function stepsOf(
  part: PartCut['part'],
  parts: readonly NamedParts[],
  cards: readonly MethodCard[],
): readonly Step[] {
  const card = cards.find(({ cuts }) => cuts?.part === part);
  if (card?.cuts === undefined) return [];
  const { id, cuts } = card;
  const step = (named: NamedParts): Step => {
    const options = { ...defaultOptions(card), ...cuts.naming(named) };
    return { method: id, target: 'all', options };
  };
  const together = (['encoder', 'decoder'] as const).map((stack) => union(stack, parts));
  if (part === 'blocks')
    return together.filter(({ blocks }) => blocks.length > 0).map((named) => step(named));
  const heads = headsOf(parts);
  return Object.keys(heads).length === 0 ? [] : [step({ stack: 'decoder', blocks: [], heads })];
}

function union(stack: NamedParts['stack'], parts: readonly NamedParts[]): NamedParts {
  const own = parts.filter((named) => named.stack === stack).flatMap(({ blocks }) => blocks);
  return { stack, blocks: ascending(own), heads: {} };
}

function headsOf(parts: readonly NamedParts[]): Record<string, readonly number[]> {
  const all: Record<string, readonly number[]> = {};
  for (const { heads } of parts) {
    for (const [name, gone] of Object.entries(heads)) {
      all[name] = ascending([...(all[name] ?? []), ...gone]);
    }
  }
  return all;
}

function ascending(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
