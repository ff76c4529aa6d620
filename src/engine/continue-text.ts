import { LatheError } from '../core/errors/lathe-error.ts';
import { generate } from '../runtime/generate.ts';
import type { Session } from '../runtime/types.ts';
import { tokenizerFor } from './data/tokenizer-for.ts';
import { contextLength } from './model/config.ts';
import type { OpenModel } from './model/open.ts';

/** Where the model does not say how much it sees at once. */
export const DEFAULT_CONTEXT = 512;

export interface ContinueOptions {
  readonly tokens: number;
  readonly sampling?: { readonly seed: number; readonly temperature: number };
  readonly signal?: AbortSignal;
}

/** A prompt as the model reads it. Throws `prompt-empty`, and `not-generative` for a model of another task. */
export function promptTokens(open: OpenModel, prompt: string): number[] {
  if (open.task !== 'language-model') throw notGenerative(open);
  const tokenizer = tokenizerFor(open);
  const start = tokenizer.bos === undefined ? [] : [tokenizer.bos];
  const ids = [...start, ...tokenizer.encode(prompt)];
  if (ids.length > 0) return ids;
  throw new LatheError('prompt-empty', 'The prompt is empty; type the beginning of a text.');
}

/** What a language model writes behind a prompt: greedily, or drawn with a seed. */
export async function continueText(
  open: OpenModel,
  session: Session,
  prompt: string,
  { tokens, ...options }: ContinueOptions,
): Promise<string> {
  const ids = promptTokens(open, prompt);
  const tokenizer = tokenizerFor(open);
  const steps = await generate(session, ids, {
    ...options,
    tokens,
    contextLength: contextLength(open.config) ?? DEFAULT_CONTEXT,
    ...(tokenizer.eos !== undefined && { stop: [tokenizer.eos] }),
  });
  // Decoding the continuation alone would lose the space it begins with.
  const before = tokenizer.encode(prompt);
  const whole = tokenizer.decode([...before, ...steps.map(({ id }) => id)]);
  return whole.slice(tokenizer.decode(before).length);
}

function notGenerative({ name, task }: OpenModel): LatheError {
  return new LatheError(
    'not-generative',
    `The model "${name}" is not a language model (its task is ${task}), so it cannot continue a text; take one that predicts tokens.`,
  );
}
