/** The small models that methods are run on in the page, and which of them a method finds something to do in. */
import { expect, type Page } from '@playwright/test';
import type { Anatomy } from '../../src/core/anatomy/types.ts';
import { allMetas } from '../../src/core/methods/catalog.ts';
import type { MethodMeta } from '../../src/core/methods/contract.ts';
import type { Model } from '../../src/core/onnx/types.ts';
import { planRecipe } from '../../src/core/recipe/plan.ts';
import { parseRecipe } from '../../src/core/recipe/schema.ts';
import { readAll, type ModelFolder } from '../../src/engine/model/folder.ts';
import { openModel } from '../../src/engine/model/open.ts';
import { sampleModel } from '../support/sample.ts';
import { cachedDecoder, CACHED } from '../fixtures/cached-decoder.ts';
import { decodersFolder, scoresFirst, wordText } from '../support/tiny-decoder.ts';
import { wordsLlama } from '../support/words-llama.ts';
import { drop, forecastCard, openSample } from './support.ts';

export interface SmallModel {
  readonly name: string;
  /** What a trial of it shows for quality. */
  readonly quality: string;
  folder(): Promise<ModelFolder>;
  open(page: Page): Promise<void>;
}

/** Drops a decoder of words with its data. */
async function openDecoder(page: Page, made: ModelFolder, known?: number): Promise<void> {
  const files = await Promise.all(
    made.files.map(async (file) => ({ name: file.path, bytes: await readAll(file) })),
  );
  await page.goto('/');
  const text = (words: number, seed: number): string => wordText(words, seed, known).documents[0];
  const data = [
    { name: 'calibration.txt', bytes: text(600, 1) },
    { name: 'evaluation.txt', bytes: text(300, 2) },
  ];
  await drop(page, [...files, ...data]);
  await expect(forecastCard(page)).toBeVisible({ timeout: 60_000 });
}

function cachedFolder(): Promise<ModelFolder> {
  const model = scoresFirst(cachedDecoder({ cache: 'pairs' }));
  return decodersFolder({ 'model.onnx': model }, CACHED.vocabulary);
}

/**
 * The quick sample, a decoder in which everything that can be cut or shared is there more than once, and one that
 * takes a cache.
 */
export const SMALL_MODELS: readonly SmallModel[] = [
  {
    name: 'Digits',
    quality: 'Accuracy',
    folder: () => sampleModel('digits'),
    open: (page) => openSample(page, 'Digits'),
  },
  {
    name: 'a decoder of words',
    quality: 'Perplexity',
    folder: wordsLlama,
    open: async (page) => openDecoder(page, await wordsLlama()),
  },
  {
    name: 'a decoder with a cache',
    quality: 'Perplexity',
    folder: cachedFolder,
    open: async (page) => openDecoder(page, await cachedFolder(), CACHED.vocabulary),
  },
];

/** Where a method finds something to do. */
export interface Place {
  readonly meta: MethodMeta;
  readonly model: SmallModel;
  /** The step that has to stand before it, where it finds nothing in a model as it is. */
  readonly behind?: MethodMeta;
  /** What it says where it stands alone and finds nothing. */
  readonly alone?: string;
}

interface Opened extends SmallModel {
  readonly opened: { readonly model: Model; readonly anatomy: Anatomy };
}

/** What the plan of these methods alone objects to. */
async function objection(
  { opened }: Opened,
  ...methods: readonly MethodMeta[]
): Promise<string | undefined> {
  const steps = methods.map(({ id }) => ({ method: id }));
  const recipe = parseRecipe({ version: 1, steps });
  const { problems } = await planRecipe(opened.model, opened.anatomy, recipe);
  return problems.at(0)?.message;
}

/** For every method of the catalog the first small model that it finds something to do in: a new one is here by itself. */
export async function placesOf(): Promise<readonly Place[]> {
  const models = await Promise.all(
    SMALL_MODELS.map(async (model) => ({
      ...model,
      opened: await openModel(await model.folder()),
    })),
  );
  return Promise.all(allMetas().map((meta) => placeOf(meta, models)));
}

async function placeOf(meta: MethodMeta, models: readonly Opened[]): Promise<Place> {
  for (const model of models) {
    if ((await objection(model, meta)) === undefined) return { meta, model };
  }
  const [model] = models;
  const before = allMetas().filter(({ needs }) => needs.length === 0);
  for (const behind of before) {
    if ((await objection(model, behind, meta)) !== undefined) continue;
    return { meta, model, behind, alone: await objection(model, meta) };
  }
  throw new Error(
    `${meta.id} finds nothing to do in any of the small models, alone or behind another step`,
  );
}
