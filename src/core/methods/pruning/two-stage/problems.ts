import type { CutGroup } from '../../../cuts/group.ts';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { Part } from '../measured/parts.ts';

/** Blocks that lose their attention, as given: some of those that can. Throws `blocks-invalid`. */
export function requireAttentions(
  able: readonly Part[],
  given: readonly number[],
): readonly Part[] {
  const found = given.map((index) => able.find(({ block }) => block === index));
  const parts = found.filter((part) => part !== undefined);
  if (parts.length === given.length && new Set(given).size === given.length) return parts;
  throw new LatheError(
    'blocks-invalid',
    `The blocks [${given.join(', ')}] are not some of those whose attention can go (${able.map(({ block }) => block).join(', ')}), each once; clear "attention" to decide again.`,
  );
}

/** There are no attentions or no neurons to take from. `reason` says why, where that is known. */
export function noParts(reason: string | undefined): LatheError {
  return new LatheError(
    'no-blocks',
    `No blocks with both an attention and feed-forward neurons that can be cut were found among the chosen layers${reason === undefined ? '' : ` (${reason.replace(/\.$/, '')})`}, so there is nothing to split the budget over; prune layers one by one instead.`,
  );
}

/** The formula asks for more attentions than can go. */
export function tooFewAttentions(ratio: number, wanted: number, able: number): LatheError {
  return new LatheError(
    'parts-too-many',
    `A ratio of ${ratio} takes ${wanted} attentions, and ${able} can go: the others are not pointed at, or cannot be cut; choose a smaller ratio, or a smaller attention exponent.`,
    { ratio, wanted, able },
  );
}

/** Less than half a neuron would be left. */
export function emptiesBlock(ratio: number, { members, name }: CutGroup): LatheError {
  return new LatheError(
    'ratio-empties',
    `A ratio of ${ratio} would leave none of the ${members} neurons in front of "${name}", and a layer without neurons computes nothing; choose a smaller ratio.`,
    { ratio, name },
  );
}
