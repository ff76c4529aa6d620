import type { Anatomy } from '../../../anatomy/types.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { Part, PartKind } from '../measured/parts.ts';
import type { GreedyBlocksOptions } from './meta.ts';

type Place = Pick<Part, 'kind' | 'block'>;

/** The kinds of parts that an option's choice goes over. */
export function kindsOf({ part }: GreedyBlocksOptions): readonly PartKind[] {
  return part === 'block' ? ['block'] : ['attention', 'feed-forward'];
}

/** What was decided; undefined while it is open. Throws `blocks-invalid`. */
export function decidedParts(
  anatomy: Anatomy,
  options: GreedyBlocksOptions,
): readonly Place[] | undefined {
  const { part, blocks, attention, feedForward } = options;
  if (part === 'block') return blocks && places(anatomy, 'block', blocks);
  if (attention === undefined && feedForward === undefined) return undefined;
  return [
    ...places(anatomy, 'attention', attention ?? []),
    ...places(anatomy, 'feed-forward', feedForward ?? []),
  ];
}

/** The options with what was decided in them. */
export function withDecided(
  options: GreedyBlocksOptions,
  dropped: readonly Place[],
): GreedyBlocksOptions {
  const of = (wanted: PartKind) =>
    dropped
      .filter(({ kind }) => kind === wanted)
      .map(({ block }) => block)
      .sort((a, b) => a - b);
  if (options.part === 'block') return { ...options, blocks: of('block') };
  return { ...options, attention: of('attention'), feedForward: of('feed-forward') };
}

function places({ blocks }: Anatomy, kind: PartKind, given: readonly number[]): Place[] {
  const known = new Set(blocks.map(({ index }) => index));
  const distinct = new Set(given);
  const all = kind === 'block' && distinct.size === known.size;
  if (!all && distinct.size === given.length && given.every((index) => known.has(index))) {
    return given.map((block) => ({ kind, block }));
  }
  const rest = kind === 'block' ? ', and leave at least one out' : '';
  throw new LatheError(
    'blocks-invalid',
    `The blocks [${given.join(', ')}] are not some of the model's ${known.size}, each once; write numbers from 0 to ${known.size - 1}${rest}.`,
    { depth: known.size },
  );
}
