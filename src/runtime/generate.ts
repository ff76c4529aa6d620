import type { Random } from '../core/random/random.ts';
import { compareLogits } from '../core/kernels/compare-logits.ts';
import { seededRandom } from '../core/random/seeded.ts';
import { drawToken, likeliest, softmax } from '../core/text/draw-token.ts';
import { TextReader } from './text-reader.ts';
import type { Session } from './types.ts';

export interface GenerateOptions {
  /** Most tokens to add. */
  readonly tokens: number;
  /** Most tokens the model sees at once; earlier ones drop out. */
  readonly contextLength: number;
  /** Absent: always the most likely token. */
  readonly sampling?: { readonly seed: number; readonly temperature: number };
  /** Tokens that end the text. */
  readonly stop?: readonly number[];
  readonly signal?: AbortSignal;
  readonly onToken?: (step: GeneratedToken) => void;
}

/** Tells a model's scores behind growing texts: a decoder's are of one source. */
export interface ContextReader {
  next(context: readonly number[]): Promise<Float32Array>;
}

function readerOf(source: Session | ContextReader, options: GenerateOptions): ContextReader {
  return 'next' in source ? source : new TextReader(source, options);
}

export interface GeneratedToken {
  readonly id: number;
  /** Probability the model gave it. */
  readonly probability: number;
  /** The model's scores at this position, over the vocabulary. */
  readonly logits: Float32Array;
}

/**
 * A continuation of `prompt`, one token after another. With a key/value cache the prompt is run once and then
 * each token alone; without one the context is run again for each.
 */
export async function generate(
  source: Session | ContextReader,
  prompt: readonly number[],
  options: GenerateOptions,
): Promise<GeneratedToken[]> {
  const choose = chooser(options);
  const context = [...prompt];
  const reader = readerOf(source, options);
  const steps: GeneratedToken[] = [];
  while (steps.length < options.tokens) {
    const logits = await reader.next(context);
    const step = { ...choose(logits), logits };
    steps.push(step);
    options.onToken?.(step);
    if (options.stop?.includes(step.id)) break;
    context.push(step.id);
  }
  return steps;
}

export interface ComparedToken {
  readonly id: number;
  readonly probability: number;
  /** Probability that the other model gave it behind the same text. */
  readonly otherwise: number;
  /** KL(original ‖ compressed) in nats, both run on the context that led here. */
  readonly kl: number;
}

export interface ComparedContinuations {
  readonly original: readonly ComparedToken[];
  readonly compressed: readonly ComparedToken[];
}

/**
 * Both models continue the prompt, each in its own words; at every position both are run on the
 * same context, which gives the KL there. While the words are the same, one pair of runs serves both.
 */
export async function generateBoth(
  original: Session | ContextReader,
  compressed: Session | ContextReader,
  prompt: readonly number[],
  options: Omit<GenerateOptions, 'onToken'>,
): Promise<ComparedContinuations> {
  const readers = [original, compressed].map((source) => readerOf(source, options));
  const runBoth = async (context: readonly number[]) => {
    const p = await readers[0].next(context);
    return [p, await readers[1].next(context)] as const;
  };
  const own = [walker(prompt, 0, options), walker(prompt, 1, options)];
  for (let step = 0; step < options.tokens; step++) {
    for (const walk of own) await walk.step(runBoth);
  }
  return { original: own[0].steps, compressed: own[1].steps };
}

/** One model's own text: which = 0 the original's choices, 1 the compressed model's. */
function walker(prompt: readonly number[], which: 0 | 1, options: GenerateOptions) {
  const choose = chooser(options);
  const context = [...prompt];
  const steps: ComparedToken[] = [];
  let ended = false;
  type RunBoth = (context: readonly number[]) => Promise<readonly [Float32Array, Float32Array]>;
  return {
    steps,
    async step(runBoth: RunBoth): Promise<void> {
      if (ended) return;
      const pair = await runBoth(context);
      const [p, q] = pair;
      const { id, probability } = choose(pair[which]);
      const { kl, nllP, nllQ } = compareLogits(p, q, 1, p.length, [id]);
      const otherwise = Math.exp(-(which === 0 ? nllQ : nllP)[0]);
      steps.push({ id, probability, otherwise, kl: kl[0] });
      context.push(id);
      ended = options.stop?.includes(id) ?? false;
    },
  };
}

type Choose = (logits: Float32Array) => { readonly id: number; readonly probability: number };

function chooser({ sampling }: GenerateOptions): Choose {
  if (sampling === undefined) return mostLikely;
  const random = seededRandom(sampling.seed, 'generate');
  return (logits) => sampled(logits, sampling.temperature, random);
}

function mostLikely(logits: Float32Array) {
  const id = likeliest(logits);
  return { id, probability: softmax(logits)[id] };
}

/** The probability told is the model's own, at temperature 1. */
function sampled(logits: Float32Array, temperature: number, random: Random) {
  const id = drawToken(logits, { temperature }, random);
  return { id, probability: softmax(logits)[id] };
}
