import { LatheError } from '../../core/errors/lathe-error.ts';
import { grownCache, ownCache, presentNames } from '../encoder-decoder/cross-cache.ts';
import { primed } from '../encoder-decoder/primed.ts';
import type { SequencePair } from '../encoder-decoder/sequence-pair.ts';
import { languageFeeds } from '../feeds.ts';
import type { Session } from '../types.ts';
import type { Feeds } from '../values.ts';
import { evaluateItems, type Item, type ReadItem } from './items.ts';
import { logitsOf, type Logits } from './logits.ts';
import type { Contenders, Evaluation, EvaluationOptions } from './types.ts';

/**
 * A decoder that only goes on from a cache, token by token: its siblings read the source and what is given of the
 * target, and it is scored on all tokens behind the first of its own. Throws `decoder-missing`, `encoder-missing`,
 * `cache-unmade`.
 */
export function evaluateGoingOn(
  contenders: Contenders,
  pairs: readonly SequencePair[],
  hooks: EvaluationOptions,
): Promise<Evaluation> {
  const { model, siblings: { encoder, decoder: first } = {} } = contenders;
  if (first === undefined) throw decoderMissing();
  const before = { first, ...(encoder && { encoder }) };
  const { inputs } = model.session;
  // What the first file predicts is not this one's.
  const own = pairs.filter(({ window }) => window.ids.length > window.firstCounted + 1);
  const items = own.map((pair): Item => {
    const given = pair.window.firstCounted;
    return {
      window: { ...pair.window, firstCounted: given + 1 },
      feeds: async () => {
        const { cache, beside } = await primed(
          before,
          inputs,
          pair,
          pair.window.ids.subarray(0, given),
        );
        const feeds = { ...beside, ...cache };
        return { original: feeds, model: feeds };
      },
    };
  });
  return evaluateItems(contenders, items, hooks, stepReader);
}

/** Reads what stands behind the given part of a window token by token, each step's cache fed into the next. */
function stepReader(session: Session, output: string): ReadItem {
  const ports = ownCache(session);
  const fetches = [output, ...presentNames(session, ports)];
  return async ({ ids, firstCounted }, extra) => {
    let values: Feeds = Object.fromEntries(ports.map(({ past }) => [past, extra[past]]));
    const beside = without(extra, values);
    const rows: Logits[] = [];
    for (let length = firstCounted - 1; length < ids.length - 1; length++) {
      const batch = { windows: [[ids[length]]], past: { length, values }, extra: beside };
      const found = await session.run(languageFeeds(session.inputs, batch), fetches);
      rows.push(logitsOf(output, found[output]));
      values = grownCache(ports, found, values);
    }
    return joined(rows, ids.length);
  };
}

function without(feeds: Feeds, left: Feeds): Feeds {
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => !Object.hasOwn(left, name)));
}

/** Rows of a whole window: those in front were read by another, that behind the last token is not looked at. */
function joined(rows: readonly Logits[], length: number): Logits {
  const [{ classes }] = rows;
  const values = new Float32Array(length * classes);
  rows.forEach((row, index) => {
    values.set(row.values, (length - 1 - rows.length + index) * classes);
  });
  return { values, rows: length, classes };
}

function decoderMissing(): LatheError {
  return new LatheError(
    'decoder-missing',
    'The decoder only goes on from a key/value cache, and there is no decoder beside it that makes one; put the decoder_model.onnx that was exported with it into the same folder.',
  );
}
