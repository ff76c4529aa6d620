import type { SubLayer } from '../../anatomy/types.ts';
import { LatheError } from '../../errors/lathe-error.ts';

const WORDS: Readonly<Record<SubLayer['kind'], string>> = {
  attention: 'an attention',
  'cross-attention': 'a cross-attention',
  'feed-forward': 'a feed-forward part',
};

/** A block whose part was not recognised on the stream. */
export function missingPart(block: number, kind: SubLayer['kind']): LatheError {
  return new LatheError(
    'sub-layer-unknown',
    `Block ${block} has no ${WORDS[kind].replace(/^an? /, '')} that was recognised on the residual stream, so it cannot lose it; choose other blocks, or cut whole blocks.`,
    { block, kind },
  );
}

/** Something that stays reads what goes. */
export function stillRead(reader: string): LatheError {
  return new LatheError(
    'cut-still-read',
    `"${reader}" stays and depends on a value from inside of what is to be cut, other than through the residual stream, so that part cannot go; choose other blocks.`,
    { reader },
  );
}

/** No attention would be left whose cache tells how many tokens there are. */
export function noCacheLeft(input: string): LatheError {
  return new LatheError(
    'cut-cache-length',
    `The model counts its tokens by the cache input "${input}", and no attention with such a cache would be left; keep one more attention.`,
    { input },
  );
}

/** The branches of a merged decoder do not have the same blocks. */
export function branchesDiffer(main: number, cached: number): LatheError {
  return new LatheError(
    'merged-blocks-differ',
    `The branch without a cache has ${main} blocks and the one with a cache ${cached}, so what is cut from one has no place in the other; open the decoder without a cache (decoder_model.onnx).`,
    { main, cached },
  );
}

/** Part of what was to go is still needed, or there was nothing to be found of it. */
export function stillThere(map = 'its linear maps'): LatheError {
  return new LatheError(
    'cut-still-there',
    `What is to be cut could not be taken out, because something that stays still needs "${map}"; choose other blocks, and report this with the model.`,
    { map },
  );
}
