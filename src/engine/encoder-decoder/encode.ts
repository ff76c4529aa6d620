import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { statesOf } from '../../runtime/encoder-decoder/encoder-states.ts';
import type { SequencePair } from '../../runtime/encoder-decoder/sequence-pair.ts';
import { inputPorts } from '../../runtime/ports.ts';
import type { Runtime, Session } from '../../runtime/types.ts';
import type { Feeds } from '../../runtime/values.ts';
import type { OpenModel } from '../model/open.ts';

/** How sources become states: on a device that is opened only where it is needed. */
export type OnDevice = () => Promise<Runtime>;

/** Whether an encoder is needed for pairs, or their states came with the data. */
export function needsEncoder(pairs: readonly SequencePair[]): boolean {
  return pairs.some(({ source }) => source !== undefined);
}

/** What a decoder reads of each pair's source, by its original encoder, in the order of the pairs. */
export async function encodedPairs(
  decoder: OpenModel,
  encoder: OpenModel | undefined,
  pairs: readonly SequencePair[],
  runtime: OnDevice | undefined,
  signal?: AbortSignal,
): Promise<Feeds[]> {
  const reader = { inputs: inputPorts(decoder.model) };
  const session = encoder && (await opened(encoder, runtime));
  try {
    const states: Feeds[] = [];
    for (const pair of pairs) {
      throwIfCancelled(signal);
      states.push(await statesOf(session, pair, reader));
    }
    return states;
  } finally {
    await session?.release();
  }
}

async function opened({ model }: OpenModel, runtime: OnDevice | undefined): Promise<Session> {
  if (runtime === undefined) throw new Error('Sources are encoded where there is a device.');
  return (await runtime()).open(model);
}
