import { z } from 'zod';
import { metricSchema } from '../metrics/schema.ts';
import { METRIC_NAMES } from '../metrics/types.ts';
import { parseRecipe } from '../recipe/schema.ts';
import type { Recipe } from '../recipe/types.ts';
import { ARITHMETICS } from './kernels.ts';
import { TrainingRecordSchema } from './training.ts';
import { DEVICES, ERROR_KINDS, type BuildReport, type Report } from './types.ts';

const count = z.number().int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const options = z.record(z.string(), z.unknown());

const recipe = z.unknown().transform((value, context): Recipe => {
  try {
    return parseRecipe(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : '' });
    return z.NEVER;
  }
});

export const layerReportSchema = z.object({
  name: z.string(),
  method: z.string(),
  options,
  relativeError: z.number(),
  baselineRelativeError: z.number().optional(),
  errorKind: z.enum(ERROR_KINDS),
  bytesBefore: count,
  bytesAfter: count,
  warnings: z.array(z.string()).optional(),
});

export const coverageSchema = z.object({
  compressedBytes: count,
  totalBytes: count,
  skipped: z.array(z.object({ name: z.string(), reason: z.string(), bytes: count.optional() })),
});

export const modelSizeSchema = z.object({
  bytes: count,
  parameters: count,
  bitsPerWeight: z.number().min(0),
});

/** Build reports of version 1, from inside a file or from disk. */
export const buildReportSchema = z.object({
  version: z.literal(1),
  tool: z.string(),
  inputSha256: sha256,
  calibrationSha256: sha256.optional(),
  recipe,
  before: modelSizeSchema,
  after: modelSizeSchema,
  coverage: coverageSchema,
  layers: z.array(layerReportSchema),
}) satisfies z.ZodType<BuildReport>;

const each = z.object({
  metric: z.enum(METRIC_NAMES),
  counts: z.array(count).optional(),
  original: z.array(z.number()).optional(),
  compressed: z.array(z.number()),
});
const answers = z.object({
  expected: z.array(z.number().int()).optional(),
  original: z.array(z.number().int()),
  compressed: z.array(z.number().int()),
});

const metrics = z.partialRecord(z.enum(METRIC_NAMES), metricSchema);
const latency = z.object({ median: z.number(), p90: z.number(), n: count });
const latencyPair = z.object({ original: latency, compressed: latency });
const latencyAt = latencyPair.extend({ tokens: count });
/** Reports from before lengths were told apart have neither, nor the number of threads. */
const deviceLatency = latencyPair.extend({
  threads: count.optional(),
  short: latencyAt.optional(),
  long: latencyAt.optional(),
});

const kernels = z.object({
  from: z.enum(['session', 'file']),
  operators: z.record(z.string(), count),
  layers: z.partialRecord(z.enum(ARITHMETICS), count),
});

const cell = z.union([z.string(), z.number()]);
const decision = z.object({
  step: count,
  method: z.string(),
  sentences: z.array(z.string()),
  tables: z.array(
    z.object({
      title: z.string(),
      columns: z.array(z.string()),
      rows: z.array(z.array(cell)),
      compares: z.object({ expected: count, measured: count }).optional(),
      losses: z.object({ layers: count, loss: count }).optional(),
    }),
  ),
});

/** Whole reports of version 1, as `--report` writes them and trials keep them. */
export const reportSchema = buildReportSchema.extend({
  outputSha256: sha256,
  forecastBytes: count,
  zippedBytes: count.optional(),
  cache: z.object({ before: count, after: count }).optional(),
  verified: z.boolean(),
  scores: z.enum(['quality', 'fidelity']),
  evaluation: z
    .object({
      data: z.string(),
      sha256,
      protocol: z.string(),
      original: metrics,
      compressed: metrics,
      difference: metrics,
      stopped: z.object({ done: count, of: count }).optional(),
      each: each.optional(),
      answers: answers.optional(),
    })
    .optional(),
  device: z
    .object({
      bytes: z.array(z.enum(DEVICES)),
      measured: z.enum(DEVICES).optional(),
      adapter: z.string().optional(),
      reason: z.string().optional(),
    })
    .optional(),
  notMeasured: z.string().optional(),
  latency: z.record(z.string(), deviceLatency),
  kernels: z.record(z.string(), kernels).optional(),
  training: z.array(TrainingRecordSchema).optional(),
  decisions: z.array(decision).optional(),
  warnings: z.array(z.string()).optional(),
  parity: z
    .object({
      wasm: z.boolean(),
      webgpu: z.boolean().nullable(),
      maxAbsDiff: z.number().nullable(),
      firstDivergingNode: z.string().optional(),
      reason: z.string().optional(),
    })
    .optional(),
}) satisfies z.ZodType<Report>;
