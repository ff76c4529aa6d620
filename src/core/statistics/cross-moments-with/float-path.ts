import { lookKey } from '../look.ts';
import type { Seen } from '../seen.ts';
import type { ResultOf, Take } from '../take.ts';

/** Moments between what the model before a step feeds a layer and what the part compressed so far does. */
export const FLOAT_PATH_MOMENTS = { kind: 'cross moments with', other: 'float path' } as const;

/** What was seen in the model before a step, where nothing is compressed: both paths are one, XᵀX̃ = XᵀX. */
export function onFloatPath(seen: Seen): Seen {
  return {
    at: <T extends Take>(view: Parameters<Seen['at']>[0], take: T) => {
      if (lookKey(view, take) !== lookKey(view, FLOAT_PATH_MOMENTS)) return seen.at(view, take);
      const moments = seen.at(view, 'moments');
      if (moments === undefined) return undefined;
      const { columns, values } = moments;
      // The key says that this is what was asked for.
      return { ...moments, otherColumns: columns, others: values } as unknown as ResultOf<T>;
    },
  };
}
