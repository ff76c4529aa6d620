import { z } from 'zod';

/** How the columns of a projection (neurons, heads) are ranked; what each looks at: {@link takesOf} in `looks.ts`. */
export const COLUMN_SCORES = [
  'magnitude',
  'activation',
  'fluctuation',
  'taylor',
  'fisher',
  'reconstruction',
] as const;

export type ColumnScore = (typeof COLUMN_SCORES)[number];

export const COMPENSATIONS = ['none', 'mean', 'least-squares', 'obs'] as const;

export type Compensation = (typeof COMPENSATIONS)[number];

/** Compensations that refit the weights that stay. */
const REFITS: readonly Compensation[] = ['least-squares', 'obs'];

const DESCRIBED: Readonly<Record<ColumnScore, string>> = {
  magnitude: '"magnitude" keeps large weights (needs no data)',
  activation: '"activation" keeps what is loud on your data',
  fluctuation:
    '"fluctuation" keeps what varies most, since what stays the same can be put into a bias (FLAP)',
  taylor: '"taylor" keeps what the loss depends on, to first order (needs gradients)',
  fisher: '"fisher" does so with squared gradients',
  reconstruction:
    '"reconstruction" keeps what the others cannot stand in for (second order, slower)',
};

/**
 * The option `score`. A method whose units are few offers more ways (`measured`), each with half a sentence for the
 * description; there it does not apply to structured OBS, which ranks by its own error.
 */
export function scoreField<const More extends string = never>(
  standard: ColumnScore | More,
  more: Readonly<Record<More, string>> = {} as Readonly<Record<More, string>>,
) {
  const names = [...COLUMN_SCORES, ...(Object.keys(more) as More[])];
  const described = [...Object.values(DESCRIBED), ...Object.values<string>(more)];
  return z
    .enum(names)
    .default(standard as never)
    .meta({
      title: 'Score',
      when: { option: 'compensation', in: ['none', 'mean', 'least-squares'] },
      description: `What decides which parts go: those with the lowest score. ${described.join('; ')}.`,
    });
}

/** The options `compensation`, `bias` and `damping`: how what stays makes up for what went. */
export function compensationFields(standard: Compensation) {
  return {
    compensation: z.enum(COMPENSATIONS).default(standard).meta({
      title: 'Compensation',
      description:
        'How what stays makes up for what went. "none": not at all; "mean": the mean of what is missing goes into the bias (FLAP); "least-squares": the weights that stay are refitted to give the same outputs on your data; "obs": the same, choosing one part after the other by the error it leaves (structured OBS, as in ZipLM), the slowest and most faithful.',
    }),
    bias: z
      .boolean()
      .default(true)
      .meta({
        title: 'Refit the bias too',
        advanced: true,
        when: { option: 'compensation', in: REFITS },
        description:
          'Also moves the mean of what is missing into the bias, which is added to the model where there is none. Without it the file keeps the form that loaders of the original architecture expect.',
      }),
    damping: z
      .number()
      .min(0)
      .max(1)
      .default(0.01)
      .meta({
        title: 'Damping',
        advanced: true,
        step: 0.001,
        when: { option: 'compensation', in: REFITS },
        description:
          'Share of the mean diagonal of XᵀX added to its diagonal. More keeps the refitted weights closer to the original ones; it grows by itself where the calibration data leaves directions unseen.',
      }),
  };
}

/** What the arithmetic of a cut takes of a method's options. */
export interface ColumnOptions {
  readonly score: ColumnScore;
  readonly compensation: Compensation;
  readonly bias: boolean;
  readonly damping: number;
}
