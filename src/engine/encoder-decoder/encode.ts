import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import type { Model } from '../../core/onnx/types.ts';
import { statesOf } from '../../runtime/encoder-decoder/encoder-states.ts';
import type { SequencePair } from '../../runtime/encoder-decoder/sequence-pair.ts';
import type { Siblings } from '../../runtime/evaluate/types.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { Runtime, Session } from '../../runtime/types.ts';
import type { Feeds } from '../../runtime/values.ts';
import type { OpenModel } from '../model/open.ts';
import { encoderOf, firstDecoderOf, openedPart } from './whole.ts';

/** How sources become states: on a device that is opened only where it is needed. */
export type OnDevice = () => Promise<Runtime>;

/**
 * The original parts that are run before an opened decoder: the encoder, unless its states came with the data, and
 * where the decoder only goes on from a cache, the one that makes it. Throws `encoder-missing`, `decoder-missing`,
 * `parts-differ`.
 */
export async function partsBefore(
  open: OpenModel,
  pairs: readonly SequencePair[],
): Promise<Siblings<OpenModel>> {
  const encoded = pairs.every(({ source }) => source === undefined);
  const encoder = encoded ? undefined : await encoderOf(open);
  const decoder = openedPart(open) === 'decoder-with-past' ? await firstDecoderOf(open) : undefined;
  return { ...(encoder && { encoder }), ...(decoder && { decoder }) };
}

/** Their graphs, to be opened beside what is measured. */
export function graphsOf({ encoder, decoder }: Siblings<OpenModel>): Siblings<Model> {
  return {
    ...(encoder && { encoder: encoder.model }),
    ...(decoder && { decoder: decoder.model }),
  };
}

/** Hashes of the parts, for what depends on their bytes. */
export function hashesOf({ encoder, decoder }: Siblings<OpenModel>): Uint8Array[] {
  const known = [encoder, decoder].flatMap((part) => part?.sha256 ?? []);
  return known.map((sha256) => new TextEncoder().encode(sha256));
}

/** Opens parts, hands them over, and releases them whatever happens. */
export async function withParts<T>(
  { encoder, decoder }: Siblings<OpenModel>,
  runtime: OnDevice | undefined,
  use: (sessions: Siblings) => Promise<T>,
): Promise<T> {
  const sessions: Session[] = [];
  const opened = async (part: OpenModel | undefined): Promise<Session | undefined> => {
    if (part === undefined) return undefined;
    if (runtime === undefined) throw new Error('Parts are run where there is a device.');
    const session = await (await runtime()).open(part.model);
    sessions.push(session);
    return session;
  };
  try {
    const [first, second] = [await opened(encoder), await opened(decoder)];
    return await use({ ...(first && { encoder: first }), ...(second && { decoder: second }) });
  } finally {
    for (const session of sessions) await session.release();
  }
}

/** What a decoder reads of each pair's source, by its original encoder, in the order of the pairs. */
export async function encodedPairs(
  decoder: OpenModel,
  before: Siblings<OpenModel>,
  pairs: readonly SequencePair[],
  runtime: OnDevice | undefined,
  signal?: AbortSignal,
): Promise<Feeds[]> {
  const reader = { inputs: inputPorts(decoder.model) };
  return withParts(before, runtime, async ({ encoder }) => {
    const states: Feeds[] = [];
    for (const pair of pairs) {
      throwIfCancelled(signal);
      states.push(await statesOf(encoder, pair, reader));
    }
    return states;
  });
}
