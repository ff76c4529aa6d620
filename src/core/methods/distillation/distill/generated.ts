import { z } from 'zod';
import { LatheError } from '../../../errors/lathe-error.ts';
import type { Generation } from '../../contract.ts';

const when = { option: 'data', in: ['generated'] };

/** Options of black-box distillation: what the student reads. */
export const generatedFields = {
  data: z.enum(['own', 'generated']).default('own').meta({
    title: 'Text to learn from',
    description:
      '"own" is your calibration data. "generated" is text that the original language model writes itself, from the beginnings of your texts; the student learns from that alone, as when nothing but a model’s words can be had (black box). Give the labels a weight then, and all others 0.',
  }),
  count: z.int().min(2).max(100_000).default(64).meta({
    title: 'Texts to write',
    description:
      'How many texts the original writes, each as long as a sequence of the training at most. More teach more, and take longer to write.',
    when,
  }),
  promptTokens: z.int().min(1).max(1000).default(8).meta({
    title: 'Tokens of a beginning',
    advanced: true,
    description: 'How many tokens of your texts each begins with. The original writes the rest.',
    when,
  }),
  sampleTemperature: z.number().min(0).max(5).default(1).meta({
    title: 'Temperature of writing',
    step: 0.1,
    advanced: true,
    description:
      'At 1 words come as often as the original finds them likely; below, it keeps to the likely ones, and at 0 it always takes the likeliest.',
    when,
  }),
  topP: z.number().gt(0).max(1).default(1).meta({
    title: 'Nucleus',
    step: 0.05,
    advanced: true,
    description:
      'Words are drawn among the likeliest that together have this probability; 1 allows all.',
    when,
  }),
};

interface GeneratedOptions {
  readonly data: 'own' | 'generated';
  readonly count: number;
  readonly promptTokens: number;
  readonly sampleTemperature: number;
  readonly topP: number;
  readonly labels: number;
  readonly logits: number;
  readonly hidden: number;
  readonly attention: number;
  readonly relations: number;
}

/**
 * What the original is to write, where the student learns from that: nothing else of its teacher is
 * seen, so the objective is the cross-entropy with the written words alone (Kim & Rush 2016,
 * arXiv:1606.07947, §3.2). Throws `black-box-weights`, `black-box-labels`.
 */
export function generationOf(options: GeneratedOptions): { readonly generate?: Generation } {
  const { data, labels, logits, hidden, attention, relations } = options;
  if (data === 'own') return {};
  if (Math.max(logits, hidden, attention, relations) > 0) {
    throw new LatheError(
      'black-box-weights',
      'A student of generated text sees nothing of its teacher but the words it wrote; set the weights of the teacher’s answers, the hidden states, the attention maps and the relations to 0, or the text to learn from to "own".',
    );
  }
  if (labels === 0) {
    throw new LatheError(
      'black-box-labels',
      'A student of generated text learns the words that its teacher wrote, and these are the labels; give the labels a weight above 0.',
    );
  }
  const { count, promptTokens, sampleTemperature: temperature, topP } = options;
  return { generate: { count, promptTokens, temperature, ...(topP < 1 && { topP }) } };
}
