import { dropoutOf, keepsAdapter } from '../core/recipe/kept-adapters.ts';
import { findAdapters } from '../core/adapters/find.ts';
import { peftFiles } from '../core/adapters/peft.ts';
import { recognise } from '../core/anatomy/recognise.ts';
import { withSizes } from '../core/companions/config-sizes.ts';
import { COMPANION_NAMES } from '../core/companions/names.ts';
import type { Companion, Companions } from '../core/companions/types.ts';
import type { StepPlan } from '../core/methods/contract.ts';
import type { Model } from '../core/onnx/types.ts';
import type { Recipe } from '../core/recipe/types.ts';
import { modelFile, readAll, type FolderFile, type ModelFolder } from './model/folder.ts';
import type { OpenModel } from './model/open.ts';
import type { Task } from './model/task.ts';

/** What is asked of a model that was opened: where its company lies, and what it was. */
export type Origin = Pick<OpenModel, 'name' | 'folder' | 'part' | 'parts' | 'anatomy' | 'task'>;

/** What steps say about the files. */
export type Followed = readonly Pick<StepPlan, 'companions'>[];

/** The files as the steps leave them, one after another. */
export function followedBy(files: Companions, steps: Followed): Companions {
  return steps.reduce((before, { companions }) => companions?.(before) ?? before, files);
}

/** The company of the folder's model, as it was opened: beside the model file, or above it. */
export async function readCompanions(folder: ModelFolder): Promise<Companions> {
  const places = placesOf(modelFile(folder).path);
  const found: [string, Companion][] = [];
  for (const name of COMPANION_NAMES) {
    const file = firstAt(folder, places, name);
    if (file !== undefined) found.push([name, { bytes: await readAll(file) }]);
  }
  return new Map(found);
}

/** The folder itself, then each folder on the way to the model file. */
function placesOf(model: string): readonly string[] {
  const parts = model.split('/').slice(0, -1);
  return ['', ...parts.map((_, i) => `${parts.slice(0, i + 1).join('/')}/`)];
}

function firstAt({ files }: ModelFolder, places: readonly string[], name: string) {
  const candidates = places.map((place) => files.find(({ path }) => path === place + name));
  return candidates.find((file): file is FolderFile => file !== undefined);
}

/**
 * The files that belong beside `made`, the model a recipe made of `open`: those it came with, with the
 * sizes it has now and what the recipe's steps say, and the adapter it
 * keeps, if any, as PEFT loads it. `read` are the files as another part of the folder left them.
 */
export async function companionsOf(
  open: Origin,
  recipe: Recipe,
  made: Model,
  steps: Followed = [],
  read?: Companions,
): Promise<Companions> {
  const before = read ?? (await readCompanions(open.folder));
  const files = followedBy(withSizes(before, open.anatomy, recognise(made)), steps);
  return new Map([...files, ...(await adapterFiles(open, recipe, made))]);
}

/** PEFT's words for tasks; all others are classifiers to it. */
const PEFT_TASKS: Readonly<Partial<Record<Task, string>>> = {
  'language-model': 'CAUSAL_LM',
  'sequence-to-sequence': 'SEQ_2_SEQ_LM',
  'token-classifier': 'TOKEN_CLS',
  'question-answering': 'QUESTION_ANS',
  encoder: 'FEATURE_EXTRACTION',
};

/** The adapter that a recipe leaves beside the weights; nothing when there is none. */
export async function adapterFiles(
  { name, task }: Pick<Origin, 'name' | 'task'>,
  recipe: Recipe,
  made: Model,
): Promise<Companions> {
  // A later step may have put the adapter into another form.
  if (!keepsAdapter(recipe) || (await findAdapters(made)).length === 0) return new Map();
  const purpose = PEFT_TASKS[task] ?? 'SEQ_CLS';
  const { weights, config } = await peftFiles(made, name, purpose, dropoutOf(recipe));
  return new Map([
    ['adapter/adapter_model.safetensors', { bytes: weights }],
    ['adapter/adapter_config.json', { bytes: new TextEncoder().encode(config) }],
  ]);
}
