/** The page and the command line take the same data for the same folder, and so write the same file. */
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { compress } from '../../src/cli/commands/compress.ts';
import { modelFolder } from '../../src/cli/files/model-folder.ts';
import { parseRecipe } from '../../src/core/recipe/schema.ts';
import { reportSchema } from '../../src/core/report/schema.ts';
import type { Report } from '../../src/core/report/types.ts';
import { openModel } from '../../src/engine/model/open.ts';
import { Runner } from '../../workers/job/run.ts';
import { testHost } from '../support/sample.ts';

const signal = new AbortController().signal;

let root: string;
let folder: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lathe-faces-'));
  folder = join(root, 'model');
  await cp(new URL('../../public/samples/digits/', import.meta.url), folder, { recursive: true });
  // Other pictures, by another name: which of the two was taken shows in the hash.
  await rename(join(folder, 'evaluation.npz'), join(folder, 'mine.npz'));
  const picture = (shade: number) =>
    Array.from({ length: 28 }, (_, row) => Array.from({ length: 28 }, () => (shade * row) / 28.5));
  const lines = [0.2, 0.5, 0.9].map((shade) => JSON.stringify({ image: [picture(shade)] }));
  await writeFile(join(folder, 'evaluation.jsonl'), lines.join('\n'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(root, { recursive: true, force: true });
});

const GPTQ = { method: 'gptq', options: { bits: 4, blockSize: 32 } };

const recipeOf = (data: string | undefined, step: object = GPTQ) => ({
  version: 1,
  steps: [step],
  ...(data !== undefined && { calibration: { data, samples: 8, length: 16 } }),
});

async function inPage(recipe: object, model = folder): Promise<Report | string> {
  const open = await openModel(await modelFolder(model));
  const work = new Runner(testHost()).run(open, parseRecipe(recipe), () => undefined);
  return work.then(
    ({ report }) => report ?? 'no report',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

async function onCommandLine(recipe: object, ...more: string[]): Promise<Report | string> {
  const [file, report] = [join(root, 'recipe.json'), join(root, 'report.json')];
  await writeFile(file, JSON.stringify(recipe));
  const out = ['--out', join(root, 'out.onnx'), '--report', report];
  return compress([folder, '--recipe', file, ...out, ...more], signal).then(
    async () => reportSchema.parse(JSON.parse(await readFile(report, 'utf8'))),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

/** What a face chose, as far as its report tells. */
function choice(report: Report | string) {
  if (typeof report === 'string') return report;
  const { calibrationSha256, evaluation, warnings, outputSha256 } = report;
  return { calibrationSha256, outputSha256, data: evaluation?.data, warnings };
}

async function both(recipe: object) {
  const [page, line] = [choice(await inPage(recipe)), choice(await onCommandLine(recipe))];
  expect(line).toEqual(page);
  return page;
}

function hashOf(chosen: ReturnType<typeof choice>): string {
  if (typeof chosen === 'string') throw new Error(chosen);
  return chosen.calibrationSha256 ?? 'no calibration';
}

describe('the data of a run, in the page and on the command line', () => {
  it('is what the recipe names beside the model', async () => {
    const named = await both(recipeOf('mine.npz'));
    const own = await both(recipeOf('calibration.npz'));
    expect(own).toMatchObject({ data: 'evaluation.jsonl' });
    expect(hashOf(named)).not.toBe(hashOf(own));
  });

  it('is what came with the model where that is not there, and the report says so', async () => {
    const missing = await both(recipeOf('theirs.npz'));
    expect(missing).toMatchObject({
      warnings: [
        'The recipe calibrates on "theirs.npz", which is not beside the model, so "calibration.npz" was taken, which is.',
      ],
    });
    const own = choice(await onCommandLine(recipeOf('calibration.npz')));
    expect(hashOf(missing)).toBe(hashOf(own));
  });

  it('is not read where no step looks at it', async () => {
    await writeFile(join(folder, 'torn.npz'), 'PK');
    const chosen = await both(recipeOf('torn.npz', { method: 'float16' }));
    expect(chosen).toMatchObject({ calibrationSha256: undefined, warnings: undefined });
    expect(await both(recipeOf('torn.npz'))).toMatch(/torn\.npz/);
  });

  it('may be given on the command line, or lie elsewhere for it', async () => {
    const elsewhere = join(root, 'elsewhere.npz');
    await cp(join(folder, 'mine.npz'), elsewhere);
    const mine = choice(await onCommandLine(recipeOf('mine.npz')));
    const options = ['--data', elsewhere, '--eval', join(folder, 'calibration.npz')];
    const given = choice(await onCommandLine(recipeOf('theirs.npz'), ...options));
    expect(given).toMatchObject({ data: 'calibration.npz', warnings: undefined });
    expect(hashOf(given)).toBe(hashOf(mine));
    const path = choice(await onCommandLine(recipeOf(elsewhere)));
    expect(hashOf(path)).toBe(hashOf(mine));
  });

  it('is missed with its name where there is none', async () => {
    for (const name of ['calibration.npz', 'mine.npz']) await rm(join(folder, name));
    expect(await both(recipeOf('theirs.npz'))).toBe(
      'The recipe calibrates on "theirs.npz", which is not beside the model, and the model came with no calibration data; add that file, or choose other data.',
    );
    expect(await both(recipeOf(undefined))).toMatch(/^GPTQ looks at what flows through the model/);
  });
});
