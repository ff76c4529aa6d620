import { z } from 'zod';
import { LatheError } from '../errors/lathe-error.ts';
import { reportSchema } from './schema.ts';
import { packedReport, unpackedReport } from './packed-report.ts';
import { sharedOf, withShared, withoutShared } from './shared-fields.ts';
import type { Report } from './types.ts';

/** A trial that was measured by the project; its file is made anew where it is asked for. */
export interface ShippedTrial {
  /** The one a run of its recipe has: it replaces this trial. */
  readonly id: string;
  readonly name: string;
  readonly report: Report;
}

/** What is shipped beside a sample's model, so that opening it shows real numbers at once. */
export interface ShippedTrials {
  readonly version: 1;
  /** Day of the measurement, as in 2026-11-26. */
  readonly measured: string;
  /** One sentence: by what and where, for whoever reads the times. */
  readonly how: string;
  readonly model: { readonly name: string; readonly sha256: string };
  readonly trials: readonly ShippedTrial[];
}

const fields = z.record(z.string(), z.unknown());

const packedSchema = z.object({
  version: z.literal(1),
  measured: z.iso.date(),
  how: z.string(),
  model: z.object({ name: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  shared: fields,
  trials: z
    .array(z.object({ id: z.string().regex(/^[0-9a-f]{16}$/), name: z.string(), report: fields }))
    .min(1),
});

/**
 * The same as JSON of few bytes: what all reports say alike is said once, layers become lines, and lists
 * of digits text. {@link readShipped} gives back what was packed.
 */
export function packShipped(shipped: ShippedTrials): unknown {
  const { trials, ...rest } = shipped;
  const reports = trials.map(({ report }) => packedReport(report));
  const shared = sharedOf(reports);
  return {
    ...rest,
    shared,
    trials: trials.map(({ id, name }, at) => ({
      ...{ id, name },
      report: withoutShared(reports[at], shared),
    })),
  };
}

/**
 * Trials from a sample's `trials.json`.
 * @throws LatheError `shipped-trials`
 */
export function readShipped(value: unknown): ShippedTrials {
  const parsed = packedSchema.safeParse(value);
  if (!parsed.success) throw damaged(parsed.error);
  const { shared, trials, ...rest } = parsed.data;
  return {
    ...rest,
    trials: trials.map(({ id, name, report }) => {
      const restored = reportSchema.safeParse(unpackedReport(withShared(report, shared)));
      if (!restored.success) throw damaged(restored.error);
      return { id, name, report: restored.data };
    }),
  };
}

function damaged(error: z.ZodError): LatheError {
  const place = error.issues[0].path.join('.');
  return new LatheError(
    'shipped-trials',
    `The measured trials of this sample are damaged at "${place}"; install or load the studio again.`,
  );
}
