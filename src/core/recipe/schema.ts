import { z } from 'zod';
import { LatheError } from '../errors/lathe-error.ts';
import { allMetas, metaById } from '../methods/catalog.ts';
import type { MethodMeta } from '../methods/contract.ts';
import { DEFAULT_CALIBRATION } from './default-calibration.ts';
import { didYouMean, explainIssue, parseJson, recipeError, type Path } from './issues.ts';
import { compilePattern } from './pattern.ts';
import { patternSource } from './targets.ts';
import type { Recipe, Step, Target, TargetBase, TargetSelector } from './types.ts';

const ROLES = ['attention', 'feed-forward', 'embedding', 'output-head'] as const;
const TARGET_NAMES = ['all', ...ROLES] as const;

const MOST_STEPS = 64;
const MOST_NAMES = 20_000;

const selectorFields = {
  all: z.literal(true).optional(),
  role: z.enum(ROLES).optional(),
  blocks: z.array(z.int().min(0).max(100_000)).max(MOST_NAMES).optional(),
  tensors: z.array(z.string().max(2000)).max(MOST_NAMES).optional(),
};

const selectorSchema = z.strictObject(selectorFields);
const targetSchema = z.strictObject({
  ...selectorFields,
  except: z.array(z.unknown()).max(MOST_NAMES).optional(),
});

const stepSchema = z.strictObject({
  method: z.string(),
  target: z.unknown().optional(),
  options: z.record(z.string(), z.unknown()).optional(),
  disabled: z.boolean().optional(),
});

const calibrationSchema = z.strictObject({
  data: z.string().max(2000),
  samples: z.int().min(1).max(1_000_000).default(DEFAULT_CALIBRATION.samples),
  length: z.int().min(1).max(1_000_000).default(DEFAULT_CALIBRATION.length),
});

/** Version 1 of the recipe document, but for what depends on the method: targets and options. */
export const recipeSchema = z.strictObject({
  version: z.literal(1),
  name: z.string().max(200).optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0),
  calibration: calibrationSchema.optional(),
  steps: z.array(stepSchema).max(MOST_STEPS),
});

/**
 * Reads a recipe document (a value, or JSON text) and fills in every default, so that equal recipes
 * become equal documents. Throws `recipe-invalid` in one sentence that begins with the path of the
 * culprit and names the nearest valid name, range or type.
 */
export function parseRecipe(json: unknown): Recipe {
  const draft = parseDraft(json);
  return { ...draft, steps: draft.steps.map((step, i) => parseStep(step, ['steps', i])) };
}

/**
 * A recipe as far as it is one whatever the methods: one that is still being written, or by another version.
 * Methods and options are as they were given; {@link parseRecipe} settles them. Throws as it does.
 */
export function parseDraft(json: unknown): Recipe {
  const value = typeof json === 'string' ? parseJson(json) : json;
  const result = recipeSchema.safeParse(value);
  if (!result.success) throw explainIssue(result.error.issues[0], value, [], fieldNames);
  const { steps, ...rest } = result.data;
  return { ...rest, steps: steps.map((step, i) => draftStep(step, ['steps', i])) };
}

function draftStep(step: z.infer<typeof stepSchema>, path: Path): Step {
  return {
    method: step.method,
    target: parseTarget(step.target ?? 'all', [...path, 'target']),
    options: upgraded(step.method, step.options ?? {}),
    // Not disabled is said in one way only: equal recipes are equal documents.
    ...(step.disabled === true && { disabled: true }),
  };
}

/** Options that an earlier version wrote keep their meaning. */
function upgraded(method: string, options: Step['options']): Step['options'] {
  return metaById(method)?.upgrade?.(options) ?? options;
}

function parseStep(step: Step, path: Path): Step {
  const meta = parseMethod(step.method, [...path, 'method']);
  checkTarget(step.target, [...path, 'target']);
  const options = parseOptions({ meta }, step.options, [...path, 'options']);
  return { ...step, method: meta.id, options };
}

function parseMethod(id: string, path: Path): MethodMeta {
  const meta = metaById(id);
  if (meta !== undefined) return meta;
  const ids = allMetas().map((known) => known.id);
  throw recipeError(
    path,
    `there is no method ${JSON.stringify(id.slice(0, 60))}; ${didYouMean(id, ids)}`,
  );
}

/**
 * A method's options with defaults filled in. Throws `recipe-invalid` for unknown or out-of-range ones;
 * `path` is where they stand in the recipe.
 */
export function parseOptions(
  { meta }: { readonly meta: MethodMeta },
  options: unknown,
  path: Path = ['options'],
): Readonly<Record<string, unknown>> {
  const result = meta.options.safeParse(options);
  if (result.success) return result.data;
  const names = Object.keys(meta.options.shape);
  throw explainIssue(result.error.issues[0], options, path, () => names);
}

function parseTarget(value: unknown, path: Path): Target {
  if (typeof value === 'string') return parseTargetName(value, path);
  const result = targetSchema.safeParse(value);
  const names = Object.keys(targetSchema.shape);
  if (!result.success) throw explainIssue(result.error.issues[0], value, path, () => names);
  const { except, ...selector } = result.data;
  if (except === undefined) return selector;
  const bases = except.map((base, i) => parseTargetBase(base, [...path, 'except', i]));
  return { ...selector, except: bases };
}

function parseTargetBase(value: unknown, path: Path): TargetBase {
  if (typeof value === 'string') return parseTargetName(value, path);
  const result = selectorSchema.safeParse(value);
  const names = Object.keys(selectorFields);
  if (!result.success) throw explainIssue(result.error.issues[0], value, path, () => names);
  return result.data;
}

function parseTargetName(value: string, path: Path): Exclude<TargetBase, object> {
  const name = TARGET_NAMES.find((known) => known === value);
  if (name !== undefined) return name;
  const shown = JSON.stringify(value.slice(0, 60));
  throw recipeError(path, `there is no target ${shown}; ${didYouMean(value, TARGET_NAMES)}`);
}

/** What has the shape of a target may still select nothing, or by an expression that is none. */
function checkTarget(target: Target, path: Path): void {
  if (typeof target === 'string') return;
  const { except = [], ...selector } = 'except' in target ? target : { ...target };
  checkSelector(selector, path);
  except.forEach((base, i) => checkTarget(base, [...path, 'except', i]));
}

function checkSelector(selector: TargetSelector, path: Path): void {
  if (Object.values(selector).every((part) => part === undefined)) {
    throw recipeError(path, 'it selects nothing; use "all", a role, blocks or tensors.');
  }
  selector.tensors?.forEach((text, i) => {
    const source = patternSource(text);
    if (source === undefined) return;
    try {
      compilePattern(source);
    } catch (error) {
      if (!(error instanceof LatheError)) throw error;
      throw recipeError([...path, 'tensors', i], error.message);
    }
  });
}

/** Fields allowed at a path of the outer document. */
function fieldNames(path: Path): readonly string[] {
  if (path.at(0) === 'calibration') return Object.keys(calibrationSchema.shape);
  if (path.at(0) === 'steps') return Object.keys(stepSchema.shape);
  return Object.keys(recipeSchema.shape);
}
