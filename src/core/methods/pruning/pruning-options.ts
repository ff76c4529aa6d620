import { z } from 'zod';

/** "N:M" */
export const PATTERN = /^([1-9]\d?):([1-9]\d?)$/;

const UNSTRUCTURED = { option: 'pattern', in: ['unstructured'] } as const;

/** Options that every unstructured pruning method has. */
export const pruningFields = {
  sparsity: z.number().min(0).max(1).default(0.5).meta({
    title: 'Sparsity',
    step: 0.01,
    when: UNSTRUCTURED,
    description: 'Share of the weights that becomes zero. 0.5 is usually bearable without repair.',
  }),
  pattern: z
    .union([
      z.enum(['unstructured', '2:4', '4:8']),
      z.string().regex(PATTERN).refine(isPossible, {
        message: 'a pattern N:M keeps N of every M weights, with 1 ≤ N < M ≤ 64',
      }),
    ])
    .default('unstructured')
    .meta({
      title: 'Pattern',
      also: 'N:M',
      description:
        'Where the zeros may lie. "unstructured" puts them anywhere; "2:4" keeps the 2 largest of every 4 neighbours, a pattern some hardware runs faster; any N:M is possible.',
    }),
};

/**
 * How the zeros are stored. WHY the usual value is left out of the parsed options: recipes from before this option
 * stay the documents they were, to the byte of the file they are embedded in.
 */
export const storeFields = {
  store: z
    .enum(['dense', 'packed', 'smaller'])
    .optional()
    .transform((store) => (store === 'dense' ? undefined : store))
    .meta({
      title: 'Store',
      usual: 'dense',
      description:
        'Zeros are not bytes: "dense" stores them like any number, and the file keeps its size. "packed" stores one bit for each weight and the kept values, which standard operators unpack; "smaller" does so where that takes fewer bytes, from a sparsity of 3.1 % on (6.3 % for half-precision weights).',
    }),
};

/** How much each layer loses, for methods that can prune layers unevenly. */
export const ratioFields = {
  ratios: z
    .enum(['uniform', 'owl', 'sensitivity'])
    .optional()
    .transform((ratios) => (ratios === 'uniform' ? undefined : ratios))
    .meta({
      title: 'Layer ratios',
      usual: 'uniform',
      when: UNSTRUCTURED,
      description:
        'How the sparsity is spread. "uniform" takes the same share of every layer; "owl" takes less from blocks with many outliers |w|·‖x‖; "sensitivity" takes least where a layer’s output would change most. The total stays.',
    }),
  band: z
    .number()
    .min(0)
    .max(0.5)
    .optional()
    .transform((band) => (band === BAND ? undefined : band))
    .meta({
      title: 'Band',
      usual: 0.08,
      step: 0.01,
      advanced: true,
      when: { option: 'ratios', in: ['owl', 'sensitivity'] },
      description:
        'With "owl" the sparsities of the blocks span twice this; with "sensitivity" no layer is further than twice this from the sparsity asked for. Keep it narrow, or a layer dies.',
    }),
  outliers: z
    .number()
    .min(0.5)
    .max(1000)
    .optional()
    .transform((outliers) => (outliers === OUTLIERS ? undefined : outliers))
    .meta({
      title: 'Outliers from',
      unit: '× mean',
      usual: 5,
      step: 0.5,
      advanced: true,
      when: { option: 'ratios', in: ['owl'] },
      description: 'A weight counts as an outlier when |w|·‖x‖ is above this many times the mean.',
    }),
  sparsityPerLayer: z.record(z.string(), z.number().min(0).max(1)).optional().meta({
    title: 'Sparsity per layer',
    decided: true,
    description:
      'What was decided from data, by layer. Left out, it is decided when the recipe runs, and written here.',
  }),
};

/** λ and M of OWL where nothing is said. */
export const BAND = 0.08;
export const OUTLIERS = 5;

export type PruningOptions = {
  readonly sparsity: number;
  readonly pattern: string;
  readonly store?: 'packed' | 'smaller' | undefined;
};

export type RatioOptions = PruningOptions & {
  readonly ratios?: 'owl' | 'sensitivity' | undefined;
  readonly band?: number | undefined;
  readonly outliers?: number | undefined;
  readonly sparsityPerLayer?: Readonly<Record<string, number>> | undefined;
};

function isPossible(text: string): boolean {
  const [, n, m] = (PATTERN.exec(text) ?? []).map(Number);
  return n < m && m <= 64;
}

/** The pattern, or the share of zeros where it is unstructured. */
export function pruningShort(options: RatioOptions): string {
  const { sparsity, pattern, ratios, store } = options;
  const share = pattern === 'unstructured' ? `${Math.round(sparsity * 100)} %` : pattern;
  const spread = ratios !== undefined && pattern === 'unstructured' ? [ratios] : [];
  return [share, ...spread, ...(store === undefined ? [] : [store])].join(' ');
}
