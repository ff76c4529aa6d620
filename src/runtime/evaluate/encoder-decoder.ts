import { statesOf } from '../encoder-decoder/encoder-states.ts';
import type { SequencePair } from '../encoder-decoder/sequence-pair.ts';
import type { Session } from '../types.ts';
import { evaluateGoingOn } from './going-on.ts';
import { evaluateItems, type Item, type ItemFeeds } from './items.ts';
import type { Contender, Contenders, Evaluation, EvaluationOptions } from './types.ts';

/** A decoder with the encoder whose states it reads; without one, the data holds the states. */
export interface EncoderDecoder {
  readonly encoder?: Session;
  readonly decoder: Contender;
}

/** The two whole models under comparison, of which any part may be the same in both. */
export interface PairContenders {
  readonly original?: EncoderDecoder;
  readonly model: EncoderDecoder;
}

/**
 * Perplexity of targets given their sources, and the distance from the original's predictions. Where both read the
 * states of one encoder, these are computed once. Errors are by pair. Throws `encoder-missing`, `encoder-states`,
 * and what {@link evaluateItems} throws.
 */
export function evaluateSequencePairs(
  { original, model }: PairContenders,
  pairs: readonly SequencePair[],
  hooks: EvaluationOptions = {},
): Promise<Evaluation> {
  const contenders: Contenders = {
    ...(original && { original: original.decoder }),
    model: model.decoder,
  };
  const items = pairs.map((pair): Item => ({
    window: pair.window,
    feeds: () => feedsOf(original, model, pair),
  }));
  return evaluateItems(contenders, items, hooks);
}

async function feedsOf(
  original: EncoderDecoder | undefined,
  model: EncoderDecoder,
  pair: SequencePair,
): Promise<ItemFeeds> {
  const own = await statesOf(model.encoder, pair, model.decoder.session);
  if (original === undefined || original.encoder === model.encoder)
    return { original: own, model: own };
  return { original: await statesOf(original.encoder, pair, original.decoder.session), model: own };
}

/** Which part of a model was opened; the others are the contenders' siblings. */
export type OpenedPart = 'encoder' | 'decoder' | 'decoder-with-past';

/** A part against its original, both beside the same siblings. Throws what {@link evaluateSequencePairs} throws. */
export function evaluatePart(
  contenders: Contenders,
  { opened, pairs }: { readonly opened: OpenedPart; readonly pairs: readonly SequencePair[] },
  hooks: EvaluationOptions = {},
): Promise<Evaluation> {
  return opened === 'decoder-with-past'
    ? evaluateGoingOn(contenders, pairs, hooks)
    : evaluateSequencePairs(wholes(contenders, opened), pairs, hooks);
}

/** Whole models out of one opened part and siblings that are the same for both. */
function wholes(
  { original, model, siblings: { encoder, decoder } = {} }: Contenders,
  opened: OpenedPart,
): PairContenders {
  const whole = (contender: Contender): EncoderDecoder =>
    opened === 'encoder' && decoder !== undefined
      ? { encoder: contender.session, decoder: { session: decoder } }
      : { ...(encoder && { encoder }), decoder: contender };
  return { ...(original && { original: whole(original) }), model: whole(model) };
}
