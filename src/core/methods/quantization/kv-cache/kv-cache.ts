import { LatheError, throwIfCancelled } from '../../../errors/lathe-error.ts';
import { bytesOf } from '../../../encodings/emitter.ts';
import type { Look, RowsView } from '../../../statistics/look.ts';
import type { Seen } from '../../../statistics/seen.ts';
import type { FillWork, Method } from '../../contract.ts';
import { fixedRange } from './codes.ts';
import { meta, type KvCacheOptions } from './meta.ts';
import { cachePlaces, type CachePlace } from './places.ts';
import { placeCodes, type FixedCache } from './place-codes.ts';

/**
 * Keys per channel, values per token (KIVI, Liu et al. 2024): for each head, K_tc ≈ s_c·q + m_c with ranges that calibration
 * fixes, so that a cache can grow without being rounded again, and V_tc ≈ s_t·(q − z_t) with ranges that come with
 * each token. What a run reads itself is attended to unrounded.
 */
export const kvCache: Method<KvCacheOptions> = {
  meta,
  plan: async ({ model }, targets, options) => {
    const { places, skipped, beside } = cachePlaces(model, targets, options);
    if (places.length === 0) return { model, lines: [], skipped, work: [] };
    const placed = placeCodes(model, places, options.bits);
    return {
      model: placed.model,
      lines: [],
      skipped,
      warnings: beside ? [INTERFACE, NOT_SHOWN] : [INTERFACE],
      work: placed.fixed.length > 0 ? [fillWork(placed.fixed, options)] : [],
    };
  },
};

const INTERFACE =
  "The file's cache inputs and outputs are bytes now, of another width than before: a loader has to read their type and size from the file, as transformers.js 4.3 and Lathe do. One that makes an empty cache of floating point from config.json (transformers.js 3, Optimum) cannot run it.";

const NOT_SHOWN =
  'An encoder-decoder is scored on whole targets, which are read without a cache, so its scores do not show what storing the cache in fewer bits costs; compare texts that it writes.';

/** Ranges of keys, from those that calibration makes. */
function fillWork(caches: readonly FixedCache[], { bits }: KvCacheOptions): FillWork {
  return {
    kind: 'fill',
    look: caches.map((cache): Look => ({ ...keysOf(cache), take: ['column range'] })),
    fill: async (_ground, seen, { signal, progress }) => {
      const filled = new Map<string, Uint8Array>();
      for (const [i, cache] of caches.entries()) {
        throwIfCancelled(signal);
        const { minima, maxima } = rangeSeen(seen, cache);
        const { scales, offsets } = fixedRange(minima, maxima, bits);
        filled.set(cache.ranges.scales, bytesOf(scales));
        filled.set(cache.ranges.offsets, bytesOf(offsets));
        progress?.((i + 1) / caches.length);
      }
      return filled;
    },
  };
}

/** Keys as the cache gets them, by token: one column for each channel of each head. */
function keysOf({ present, dims, batch, axis }: CachePlace): RowsView {
  const channels = dims.map((_, at) => at).filter((at) => at !== batch && at !== axis);
  return { value: present, channels };
}

function rangeSeen(seen: Seen, cache: FixedCache) {
  const found = seen.at(keysOf(cache), 'column range');
  if (found !== undefined) return found;
  throw new LatheError(
    'statistics-missing',
    `Ranges of the keys in "${cache.past}" come from calibration data, and none was given; add calibration data, or give each token a range of its own (keys: "token").`,
    { name: cache.past },
  );
}
