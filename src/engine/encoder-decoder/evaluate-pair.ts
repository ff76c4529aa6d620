import type { Dataset } from '../../core/data/types.ts';
import { evaluateSequencePairs } from '../../runtime/evaluate/encoder-decoder.ts';
import type { Evaluation, EvaluationOptions } from '../../runtime/evaluate/types.ts';
import type { Session } from '../../runtime/types.ts';
import type { OpenModel } from '../model/open.ts';
import { noTargets, sequencePairs, type Pairs } from './pairs.ts';
import { checkTogether } from './whole.ts';

/** The two files of an encoder-decoder, open. */
export interface PairSessions {
  readonly encoder: Session;
  readonly decoder: Session;
}

/** An original whole and the same with both parts compressed. */
export interface ComparedPair {
  readonly original: PairSessions;
  readonly compressed: PairSessions;
}

/**
 * A whole encoder-decoder against its original: each decoder reads the states of its own encoder. `open` are the
 * original parts, whose tokenizer and configuration say how the pairs are read. Throws `parts-differ`,
 * `data-too-short`, and what reading pairs throws.
 */
export async function evaluatePair(
  open: { readonly encoder: OpenModel; readonly decoder: OpenModel },
  { original, compressed }: ComparedPair,
  dataset: Dataset,
  hooks: EvaluationOptions = {},
): Promise<{ readonly evaluation: Evaluation; readonly pairs: Pairs }> {
  checkTogether(open.encoder, open.decoder);
  const pairs = await sequencePairs(open.decoder, dataset);
  if (pairs === undefined) throw noTargets(dataset.name);
  const whole = ({ encoder, decoder }: PairSessions) => ({
    encoder,
    decoder: { session: decoder },
  });
  const contenders = { original: whole(original), model: whole(compressed) };
  return { evaluation: await evaluateSequencePairs(contenders, pairs.pairs, hooks), pairs };
}
