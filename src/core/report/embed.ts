import { z } from 'zod';
import { parseRecipe } from '../recipe/schema.ts';
import type { Recipe } from '../recipe/types.ts';
import type { MetadataEntry, Model } from '../onnx/types.ts';
import { coverageSchema, modelSizeSchema } from './schema.ts';
import { ERROR_KINDS, type BuildReport, type LayerReport } from './types.ts';

export const RECIPE_KEY = 'lathe.recipe';
export const REPORT_KEY = 'lathe.report';

/**
 * Widths in characters. Numbers and hashes are padded with spaces, which JSON ignores, so that the
 * size of the file is known before the numbers are (docs/decisions/0001).
 */
const WIDTH = { count: 15, real: 13, hash: 66, tool: 34, kind: 8 };

/**
 * The model with the recipe and the build report in its metadata. What varies from run to run has a
 * fixed width, so a report with the same layers, methods and skipped layers always takes the same
 * bytes. Warnings stay in the report beside the file: they are only known after the run.
 */
export function embedReport(model: Model, report: BuildReport): Model {
  const entries: MetadataEntry[] = [
    { key: RECIPE_KEY, value: JSON.stringify(report.recipe) },
    { key: REPORT_KEY, value: reportText(report) },
  ];
  const others = model.metadata.filter(({ key }) => key !== RECIPE_KEY && key !== REPORT_KEY);
  return { ...model, metadata: [...others, ...entries] };
}

/** Object of already written values. */
function object(fields: Readonly<Record<string, string>>): string {
  const inner = Object.entries(fields).map(([key, text]) => `${JSON.stringify(key)}:${text}`);
  return `{${inner.join(',')}}`;
}

function list(items: readonly string[]): string {
  return `[${items.join(',')}]`;
}

const whole = (value: number): string => String(Math.round(value)).padStart(WIDTH.count);

/** Seven significant digits; what is no number becomes null. */
function real(value: number | undefined): string {
  const known = value !== undefined && Number.isFinite(value);
  return (known ? value.toExponential(6) : 'null').padStart(WIDTH.real);
}

const hash = (value: string | undefined): string =>
  JSON.stringify(value ?? null).padStart(WIDTH.hash);

function reportText(report: BuildReport): string {
  const methods = methodTable(report.layers);
  return object({
    version: '1',
    tool: JSON.stringify(report.tool).padStart(WIDTH.tool),
    inputSha256: hash(report.inputSha256),
    calibrationSha256: hash(report.calibrationSha256),
    before: sizeText(report.before),
    after: sizeText(report.after),
    coverage: object({
      compressedBytes: whole(report.coverage.compressedBytes),
      totalBytes: whole(report.coverage.totalBytes),
      skipped: JSON.stringify(report.coverage.skipped),
    }),
    methods: list(methods),
    layers: list(report.layers.map((layer) => layerText(layer, methods))),
  });
}

const sizeText = (size: BuildReport['before']): string =>
  object({
    bytes: whole(size.bytes),
    parameters: whole(size.parameters),
    bitsPerWeight: real(size.bitsPerWeight),
  });

const methodText = ({ method, options }: LayerReport): string =>
  JSON.stringify({ method, options });

/** Each method with its options once: most layers share them. */
function methodTable(layers: readonly LayerReport[]): readonly string[] {
  return [...new Set(layers.map(methodText))];
}

/** [name, index into methods, error kind, error, baseline's error, bytes before, bytes after] */
function layerText(layer: LayerReport, methods: readonly string[]): string {
  return list([
    JSON.stringify(layer.name),
    String(methods.indexOf(methodText(layer))),
    JSON.stringify(layer.errorKind).padStart(WIDTH.kind),
    real(layer.relativeError),
    real(layer.baselineRelativeError),
    whole(layer.bytesBefore),
    whole(layer.bytesAfter),
  ]);
}

const embeddedSchema = z.object({
  version: z.literal(1),
  tool: z.string(),
  inputSha256: z.string(),
  calibrationSha256: z.string().nullable(),
  before: modelSizeSchema,
  after: modelSizeSchema,
  coverage: coverageSchema,
  methods: z.array(z.object({ method: z.string(), options: z.record(z.string(), z.unknown()) })),
  layers: z.array(
    z.tuple([
      z.string(),
      z.int().min(0),
      z.enum(ERROR_KINDS),
      z.number().nullable(),
      z.number().nullable(),
      z.number(),
      z.number(),
    ]),
  ),
});

/** What a file made by Lathe says about itself. */
export interface Embedded {
  readonly recipe: Recipe;
  /** Absent when a newer or damaged report cannot be read; the recipe still can. */
  readonly report?: BuildReport;
}

/**
 * Recipe and build report from a model's metadata; undefined when the model carries none (or one that
 * is not a valid recipe: metadata of strangers is never an error).
 */
export function readEmbedded(model: Model): Embedded | undefined {
  const find = (key: string): string | undefined =>
    model.metadata.find((entry) => entry.key === key)?.value;
  const recipeJson = find(RECIPE_KEY);
  if (recipeJson === undefined) return undefined;
  const recipe = attempt(() => parseRecipe(recipeJson));
  if (recipe === undefined) return undefined;
  const report = attempt(() => restore(JSON.parse(find(REPORT_KEY) ?? 'null'), recipe));
  return { recipe, ...(report && { report }) };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function restore(value: unknown, recipe: Recipe): BuildReport {
  const { methods, layers, calibrationSha256, ...rest } = embeddedSchema.parse(value);
  return {
    ...rest,
    ...(calibrationSha256 !== null && { calibrationSha256 }),
    recipe,
    layers: layers.map(([name, method, errorKind, error, baseline, bytesBefore, bytesAfter]) => ({
      name,
      ...methods[method],
      relativeError: error ?? NaN,
      ...(baseline !== null && { baselineRelativeError: baseline }),
      errorKind,
      bytesBefore,
      bytesAfter,
    })),
  };
}
