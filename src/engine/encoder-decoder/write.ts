import { isWhole, wholePair, type Source } from '../../runtime/encoder-decoder/sequence-pair.ts';
import { statesOf } from '../../runtime/encoder-decoder/encoder-states.ts';
import { TargetReader, type Decoder } from '../../runtime/encoder-decoder/target-reader.ts';
import { generate, type GenerateOptions } from '../../runtime/generate.ts';
import type { Siblings } from '../../runtime/evaluate/types.ts';
import type { Runtime, Session } from '../../runtime/types.ts';
import { textLength } from '../data/token-lengths.ts';
import { tokenizerFor } from '../data/tokenizer-for.ts';
import type { OpenModel } from '../model/open.ts';
import { openSibling } from '../model/sibling.ts';
import { knownEnds, sourceTokens, targetEnds } from './ends.ts';
import { decoderMissing, decoderOf, encoderOf, firstDecoderOf, openedPart } from './whole.ts';

/** The open sessions of a whole encoder-decoder. */
export interface Writer {
  /** Absent where the decoder's graph holds it. */
  readonly encoder?: Session;
  readonly decoder: Decoder;
}

/**
 * Opens what an encoder-decoder needs to write, from any of its parts: the encoder, the decoder that reads the
 * beginning, and where another file goes on from its cache, that one. `use` runs with them; they are released
 * whatever happens. Throws `encoder-missing`, `decoder-missing`, `parts-differ`.
 */
export async function withWriter<T>(
  open: OpenModel,
  runtime: Runtime,
  use: (writer: Writer) => Promise<T>,
): Promise<T> {
  const { encoder, first, next } = await partsOf(open);
  const sessions: Session[] = [];
  const session = async ({ model }: OpenModel): Promise<Session> => {
    const opened = await runtime.open(model);
    sessions.push(opened);
    return opened;
  };
  try {
    const decoder = { first: await session(first), ...(next && { next: await session(next) }) };
    return await use({ ...(encoder && { encoder: await session(encoder) }), decoder });
  } finally {
    for (const opened of sessions) await opened.release();
  }
}

/** The other parts that an opened one writes with: its encoder, and the decoder that reads or begins. */
export async function partsBeside(open: OpenModel): Promise<Siblings<OpenModel>> {
  if (isWhole(open.model.graph.inputs)) return {};
  if (openedPart(open) !== 'encoder') {
    const goesOn = openedPart(open) === 'decoder-with-past';
    const decoder = goesOn ? await firstDecoderOf(open) : undefined;
    return { encoder: await encoderOf(open), ...(decoder && { decoder }) };
  }
  const decoder = await decoderOf(open);
  if (decoder === undefined) throw decoderMissing(open);
  return { decoder };
}

/** An opened part's session as a whole, with the sessions of {@link partsBeside}. */
export function writerOf(
  open: OpenModel,
  session: Session,
  { encoder = session, decoder = session }: Siblings,
): Writer {
  if (isWhole(session.inputs)) return { decoder: { first: session } };
  const next = openedPart(open) === 'decoder-with-past' ? session : undefined;
  return { encoder, decoder: { first: decoder, ...(next && { next }) } };
}

interface Parts {
  readonly encoder?: OpenModel;
  readonly first: OpenModel;
  readonly next?: OpenModel;
}

async function partsOf(open: OpenModel): Promise<Parts> {
  if (openedPart(open) === 'encoder') {
    const decoder = await decoderOf(open);
    if (decoder === undefined) throw decoderMissing(open);
    return { ...(await decodersOf(decoder)), encoder: open };
  }
  if (isWhole(open.model.graph.inputs)) return { first: open };
  return { ...(await decodersOf(open)), encoder: await encoderOf(open) };
}

/** The decoder that begins and the one that goes on, from either of them. */
async function decodersOf(open: OpenModel): Promise<Pick<Parts, 'first' | 'next'>> {
  if (openedPart(open) === 'decoder-with-past') {
    return { first: await firstDecoderOf(open), next: open };
  }
  const next =
    open.part.role === 'decoder' ? await openSibling(open, 'decoder-with-past') : undefined;
  return { first: open, ...(next && { next }) };
}

/** What a text is to its encoder. Throws `tokenizer-missing`. */
export async function sourceOf(open: OpenModel, text: string): Promise<Source> {
  const { end } = await targetEnds(open);
  const ids = sourceTokens(tokenizerFor(open), text, { end, length: textLength(open) });
  return { kind: 'tokens', ids };
}

/** Scores behind the targets of one source. */
export async function readerFor(
  { encoder, decoder }: Writer,
  source: Source,
  signal?: AbortSignal,
): Promise<TargetReader> {
  const inputs = [...decoder.first.inputs, ...(decoder.next?.inputs ?? [])];
  const window = { ids: Int32Array.of(), firstCounted: 1, document: 0 };
  const pair = encoder === undefined ? wholePair(inputs, { window, source }) : { window, source };
  return new TargetReader(decoder, await statesOf(encoder, pair, { inputs }), signal);
}

/** Most tokens of a target, and what it begins and ends with. */
export async function writing(
  open: OpenModel,
  tokens: number,
): Promise<{ readonly prompt: number[]; readonly options: GenerateOptions }> {
  const { start, prompt, end } = await knownEnds(open);
  const given = [start, ...prompt];
  const most = Math.min(textLength(open), open.config.max_target_positions ?? Infinity);
  return {
    prompt: given,
    options: {
      tokens: Math.max(0, Math.min(tokens, most - given.length)),
      contextLength: most,
      ...(end !== undefined && { stop: [end] }),
    },
  };
}

/** What an encoder-decoder makes of a source: the likeliest token each time, or drawn with a seed. */
export async function writeTarget(
  open: OpenModel,
  writer: Writer,
  source: Source,
  { tokens, ...rest }: Pick<GenerateOptions, 'tokens' | 'sampling' | 'signal'>,
): Promise<string> {
  const { prompt, options } = await writing(open, tokens);
  const reader = await readerFor(writer, source, rest.signal);
  const steps = await generate(reader, prompt, { ...options, ...rest });
  return tokenizerFor(open).decode(steps.map(({ id }) => id));
}
