import type { Block } from '../../../../core/anatomy/types.ts';
import type { NamedParts } from '../../../../core/methods/part-cut.ts';
import type {
  BlockDistances,
  ModelView,
  PartLoss,
  Structure,
} from '../../../../../workers/protocol.ts';

/** One block as it is drawn. */
export interface BlockRow {
  readonly block: Block;
  /** Whether a model has two stacks, so that a number alone does not name a block. */
  readonly named: boolean;
  /** What the recipe on the bench leaves of it; undefined when it goes as a whole. */
  readonly after: Structure['blocks'][number] | undefined;
  readonly loss: PartLoss['loss'] | undefined;
  /** By head. */
  readonly heads: readonly (PartLoss['loss'] | undefined)[];
  /** Heads that the recipe takes out by name. */
  readonly cut: readonly number[];
  /** 1 − mean cosine between its input and its output. */
  readonly influence: number | undefined;
}

/** Everything that is known of the blocks of the open model. */
export interface Known {
  readonly structure: Structure | undefined;
  readonly losses: readonly PartLoss[];
  readonly distances: readonly BlockDistances[];
  /** What the recipe takes out by name. */
  readonly named?: readonly NamedParts[];
}

/** The blocks of a model with what the recipe leaves of each, and what each was measured to be worth. */
export function blockRows(
  { anatomy }: Pick<ModelView, 'anatomy'>,
  known: Known,
): readonly BlockRow[] {
  const named = new Set(anatomy.blocks.map(({ stack }) => stack)).size > 1;
  return anatomy.blocks.map((block) => ({
    block,
    named,
    after: known.structure === undefined ? asIs(block) : remains(block, known.structure),
    loss: known.losses.find((part) => part.head === undefined && isOf(part, block))?.loss,
    heads: headLosses(block, known.losses),
    cut: cutHeads(block, known.named ?? []),
    influence: influenceOf(block, known.distances),
  }));
}

/** A block is known again by its layers: names stay, numbers move up. */
function remains(block: Block, { blocks }: Structure): Structure['blocks'][number] | undefined {
  const own = new Set(block.layers);
  return blocks.find(
    ({ stack, layers }) => stack === block.stack && layers.some((name) => own.has(name)),
  );
}

function asIs({ stack, heads, keyValueHeads, feedForwardWidth, layers }: Block) {
  return { stack, heads, keyValueHeads, feedForwardWidth, layers };
}

function isOf({ stack, block }: PartLoss, { stack: own, index }: Block): boolean {
  return stack === own && block === index;
}

/** Where a block has two attentions, a head's cheapest way out is no news: the dearer of both stands for it. */
function headLosses(block: Block, losses: readonly PartLoss[]) {
  const own = losses.filter((part) => part.head !== undefined && isOf(part, block));
  return Array.from({ length: block.heads ?? 0 }, (_, head) => {
    const found = own.filter((part) => part.head === head).map(({ loss }) => loss);
    return found.sort((a, b) => b.value - a.value).at(0);
  });
}

function cutHeads({ layers }: Block, named: readonly NamedParts[]): readonly number[] {
  const gone = named.flatMap(({ heads }) => layers.flatMap((name) => heads[name] ?? []));
  return [...new Set(gone)];
}

function influenceOf({ stack, index }: Block, distances: readonly BlockDistances[]) {
  const own = distances.find((found) => found.stack === stack);
  const at = own?.blocks.indexOf(index) ?? -1;
  return own === undefined || at < 0 ? undefined : Math.max(0, 1 - own.cosines[at][at + 1]);
}
