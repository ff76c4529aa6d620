import { z } from 'zod';
import { LatheError } from '../../core/errors/lathe-error.ts';
import { encodeWithin } from '../../core/text/encode-within.ts';
import type { Tokenizer } from '../../core/text/tokenizer.ts';
import { companion, readJson } from '../model/folder.ts';
import type { OpenModel } from '../model/open.ts';

const token = z.int().min(0);
const tokenOrFirst = z
  .union([token, z.tuple([token], token).transform(([first]) => first)])
  .optional()
  .catch(undefined);

/** What `config.json` and `generation_config.json` say of how a target begins and ends. */
const endsSchema = z
  .looseObject({
    decoder_start_token_id: tokenOrFirst,
    bos_token_id: tokenOrFirst,
    pad_token_id: tokenOrFirst,
    eos_token_id: tokenOrFirst,
    forced_bos_token_id: tokenOrFirst,
    forced_decoder_ids: z
      .array(z.tuple([token, token.nullable()]))
      .nullish()
      .catch(undefined),
  })
  .catch({});

/** Tokens that stand around what a decoder writes. */
export interface TargetEnds {
  /** Given to the decoder to begin with; it predicts what stands behind it. */
  readonly start: number;
  /** Given as well: Whisper's language and task. */
  readonly prompt: readonly number[];
  readonly end?: number;
}

/** Reads both configurations; what the one for generation says goes before. */
export async function targetEnds({
  folder,
  config,
  tokenizer,
}: OpenModel): Promise<Omit<TargetEnds, 'start'> & Partial<TargetEnds>> {
  const file = companion(folder, 'generation_config.json');
  const own = file === undefined ? {} : endsSchema.parse(await readJson(file));
  const said = { ...endsSchema.parse(config), ...defined(own) };
  const start =
    said.decoder_start_token_id ?? said.bos_token_id ?? tokenizer?.bos ?? said.pad_token_id;
  const forced = [...(said.forced_decoder_ids ?? [])].sort(([a], [b]) => a - b);
  const end = said.eos_token_id ?? tokenizer?.eos;
  return {
    ...(start !== undefined && { start }),
    prompt: forced.flatMap(([, id]) => id ?? []),
    ...(end !== undefined && { end }),
  };
}

/** {@link targetEnds} where targets cannot do without. Throws `decoder-start`. */
export async function knownEnds(open: OpenModel): Promise<TargetEnds> {
  const { start, ...ends } = await targetEnds(open);
  if (start === undefined) throw noStart(open.name);
  return { start, ...ends };
}

function defined<T extends object>(values: T): Partial<T> {
  const known = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(known) as Partial<T>;
}

/**
 * Tokens of a source text as its encoder was taught them: with the special tokens that the tokenizer puts around a
 * text, and where it puts none, the end token behind it; at most `length`.
 */
export function sourceTokens(
  tokenizer: Tokenizer,
  text: string,
  { end, length }: { readonly end: number | undefined; readonly length: number },
): Int32Array {
  if (end === undefined || addsSpecial(tokenizer, text)) {
    return encodeWithin(tokenizer, text, length);
  }
  return Int32Array.from([...tokenizer.encode(text).slice(0, length - 1), end]);
}

/**
 * A decoder's tokens for a target text, its start and prompt in front, at most `length`; and how many of them are
 * given rather than predicted.
 */
export function targetTokens(
  tokenizer: Tokenizer,
  text: string,
  { start, prompt, end }: TargetEnds,
  length: number,
): { readonly ids: Int32Array; readonly given: number } {
  const plain = tokenizer.encode(text);
  const whole = tokenizer.encode(text, { addSpecial: true });
  const behind = end === undefined || whole.at(-1) === end ? [] : [end];
  const begun = whole[0] === start && whole.length > plain.length;
  if (begun && prompt.length === 0) {
    // The tokenizer writes the whole prompt: all in front of the text is given.
    const given = Math.max(
      1,
      whole.findIndex((_, at) => startsAt(whole, plain, at)),
    );
    return { ids: Int32Array.from([...whole, ...behind]).slice(0, length), given };
  }
  const body = begun ? [...plain, ...(end === undefined ? [] : [end])] : [...whole, ...behind];
  const ids = Int32Array.from([start, ...prompt, ...body]).slice(0, length);
  return { ids, given: 1 + prompt.length };
}

function addsSpecial(tokenizer: Tokenizer, text: string): boolean {
  return tokenizer.encode(text, { addSpecial: true }).length > tokenizer.encode(text).length;
}

function startsAt(whole: readonly number[], part: readonly number[], at: number): boolean {
  return part.every((id, k) => whole[at + k] === id);
}

export function noStart(name: string): LatheError {
  return new LatheError(
    'decoder-start',
    `Nothing says which token the targets of "${name}" begin with; put the config.json that was saved with the model (it holds decoder_start_token_id) into its folder.`,
  );
}
