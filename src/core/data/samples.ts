import { z } from 'zod';
import { LatheError } from '../errors/lathe-error.ts';

const metric = z.object({
  value: z.number(),
  standardError: z.number().min(0),
  n: z.int().positive(),
});

const sampleFile = z.object({
  /** Relative to the sample's folder. */
  path: z.string().regex(/^[A-Za-z0-9_.-]+$/),
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const point = z.object({
  bytes: z.int().positive(),
  value: z.number(),
  standardError: z.number().min(0),
});

/** Enough to draw what the sample's measured trials look like, before any of them is fetched. */
const frontier = z.object({
  metric: z.enum(['perplexity', 'accuracy']),
  original: point,
  points: z.array(point.extend({ name: z.string() })).min(1),
});

/** A glance at the data the sample was evaluated on. */
const thumbnail = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), text: z.string().min(1) }),
  z.object({
    kind: z.literal('pictures'),
    images: z.array(z.string().startsWith('data:image/png;base64,')).min(1),
  }),
]);

const sample = z.object({
  name: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string(),
  task: z.enum(['text-generation', 'text-classification', 'image-classification']),
  description: z.string(),
  licence: z.string(),
  /** What a language model of this kind is asked to continue first. */
  prompt: z.string().min(1).max(200).optional(),
  /** Others that suit it. */
  prompts: z.array(z.string().min(1).max(200)).max(12).optional(),
  files: z.array(sampleFile).min(1),
  /** Measured on the sample's evaluation data with the file as shipped. */
  figures: z.object({ perplexity: metric.optional(), accuracy: metric.optional() }),
  /** Trials measured by the project, which are fetched once the model is open. */
  trials: sampleFile.optional(),
  frontier: frontier.optional(),
  thumbnail: thumbnail.optional(),
});

const sampleIndex = z.object({ version: z.literal(1), samples: z.array(sample) });

export type Sample = z.infer<typeof sample>;
export type Thumbnail = z.infer<typeof thumbnail>;
export type SampleFrontier = z.infer<typeof frontier>;
export type SampleIndex = z.infer<typeof sampleIndex>;

/**
 * The list of shipped samples from `samples/index.json`.
 * @throws LatheError `sample-index`
 */
export function parseSampleIndex(value: unknown): SampleIndex {
  const parsed = sampleIndex.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new LatheError(
    'sample-index',
    `The list of samples is damaged at "${parsed.error.issues[0].path.join('.')}"; install or load the studio again.`,
  );
}

/**
 * The sample of this name.
 * @throws LatheError `sample-unknown` with the names there are
 */
export function findSample(index: SampleIndex, name: string): Sample {
  const found = index.samples.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const names = index.samples.map((candidate) => `sample:${candidate.name}`).join(', ');
  throw new LatheError('sample-unknown', `There is no sample "${name}"; choose one of ${names}.`);
}
