import type { Anatomy, Layer } from '../../../anatomy/types.ts';
import { cutDepth } from '../../../cuts/depth/cut-depth.ts';
import type { DepthCut } from '../../../cuts/depth/removed.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import { weightsOf } from '../../../onnx/size.ts';
import type { Model } from '../../../onnx/types.ts';
import { encodedLength } from '../../../onnx/write.ts';
import type { Ground, Skipped } from '../../contract.ts';

/** What can go as one. */
export type PartKind = 'block' | 'attention' | 'feed-forward';

/** A block or one of its sub-layers that can go. */
export interface Part {
  readonly kind: PartKind;
  /** `Block.index`. */
  readonly block: number;
  /** Bytes that the file loses when it alone goes … */
  readonly saved: number;
  /** … and those of them that are weights. */
  readonly weights: number;
}

export interface Parts {
  readonly able: readonly Part[];
  readonly skipped: readonly Skipped[];
}

/** The blocks that a choice is made from. */
export interface PartChoice {
  readonly kinds: readonly PartKind[];
  readonly stack: 'encoder' | 'decoder';
  readonly protectFirst: number;
  readonly protectLast: number;
}

/**
 * The parts that may go, in their order: of the blocks of the stack that a target points at, without the protected ones, and
 * without those that cannot be cut, each with its reason.
 */
export function partsThatCanGo(
  { model, anatomy }: Ground,
  targets: readonly Layer[],
  choice: PartChoice,
): Parts {
  const [bytes, weights] = sizeOf(model);
  const able: Part[] = [];
  const skipped: Skipped[] = [];
  for (const { kind, block } of placesOf(anatomy, targets, choice)) {
    try {
      const slim = cutDepth(model, anatomy, cutOf([{ kind, block }]));
      const [left, weightsLeft] = sizeOf(slim);
      able.push({ kind, block, saved: bytes - left, weights: weights - weightsLeft });
    } catch (error) {
      if (!(error instanceof LatheError)) throw error;
      skipped.push({
        name: `${kind === 'block' ? '' : `${kind} of `}block ${block}`,
        reason: error.message,
      });
    }
  }
  return { able, skipped };
}

function sizeOf(model: Model): readonly [bytes: number, weights: number] {
  return [encodedLength(model), weightsOf(model).tensorBytes];
}

type Place = Pick<Part, 'kind' | 'block'>;

function placesOf(anatomy: Anatomy, targets: readonly Layer[], choice: PartChoice): Place[] {
  const stack = stackOf(anatomy, choice);
  const end = Math.max(choice.protectFirst, stack.length - choice.protectLast);
  const pointedAt = new Set(targets.map(({ block }) => block));
  return stack
    .slice(choice.protectFirst, end)
    .filter(({ index }) => pointedAt.has(index))
    .flatMap(({ index, subLayers }) =>
      choice.kinds
        .filter((kind) => kind === 'block' || subLayers.some((own) => own.kind === kind))
        .map((kind) => ({ kind, block: index })),
    );
}

/** The blocks of the stack that is meant; of a model with one stack all. */
export function stackOf({ blocks }: Anatomy, { stack }: Pick<PartChoice, 'stack'>) {
  const own = blocks.filter((block) => block.stack === stack);
  return own.length > 0 ? own : blocks;
}

/** The cut that takes these parts. */
export function cutOf(parts: readonly Place[]): DepthCut {
  const of = (wanted: PartKind) =>
    parts
      .filter(({ kind }) => kind === wanted)
      .map(({ block }) => block)
      .sort((a, b) => a - b);
  return { blocks: of('block'), attention: of('attention'), feedForward: of('feed-forward') };
}

/** Whether what is left of the model after a cut still holds together (a cache that tells lengths, for one). */
export function canGo({ model, anatomy }: Ground, parts: readonly Place[]): boolean {
  try {
    cutDepth(model, anatomy, cutOf(parts));
    return true;
  } catch (error) {
    if (error instanceof LatheError) return false;
    throw error;
  }
}
