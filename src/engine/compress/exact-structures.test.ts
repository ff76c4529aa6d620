import { readdir, readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { sampleModel, testHost } from '../../../test/support/sample.ts';
import { allMetas } from '../../core/methods/catalog.ts';
import { bytesSource } from '../../core/onnx/source.ts';
import { planRecipe } from '../../core/recipe/plan.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import type { Dataset } from '../../core/data/types.ts';
import { ownData } from '../data/read.ts';
import type { Host } from '../host.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import type { ModelFolder } from '../model/types.ts';
import { runTrial } from '../run-trial.ts';
import { TrialStore } from '../trials/store.ts';

const GPT2 = new URL('../../../test/fixtures/models/gpt2-like/', import.meta.url);

async function gpt2Like(): Promise<ModelFolder> {
  const files = await Promise.all(
    (await readdir(GPT2)).map(async (path) => ({
      path,
      source: bytesSource(new Uint8Array(await readFile(new URL(path, GPT2)))),
    })),
  );
  return { name: 'gpt2-like', origin: 'file', files };
}

/** Methods that change what a model consists of, and train nothing: their effect is no picture of a weight. */
const STRUCTURAL = allMetas().filter(
  ({ pictures, needs }) => pictures === 'none' && !needs.includes('training'),
);

interface Subject {
  readonly open: OpenModel;
  readonly calibration: Dataset | undefined;
  readonly host: Host;
}

const subjects = new Map<string, Subject>();

beforeAll(async () => {
  const stories = await openModel(await sampleModel('stories'));
  const prose = await openModel(await sampleModel('prose'));
  const own = await openModel(await gpt2Like());
  // What was measured once is known to the runs that follow.
  const subject = async (open: OpenModel, data: OpenModel): Promise<Subject> => ({
    open,
    calibration: await ownData(data, 'calibration'),
    host: testHost(),
  });
  subjects.set('stories', await subject(stories, stories));
  subjects.set('gpt2-like', await subject(own, prose));
});

describe('a changed structure takes the forecast bytes', () => {
  const cases = ['stories', 'gpt2-like'].flatMap((name) =>
    STRUCTURAL.map(({ id, options }) => ({
      ...{ name, method: id },
      // How well levels are told apart is no matter here, and measuring each takes long.
      options: Object.hasOwn(options.shape, 'sensitivity') ? { sensitivity: 'weight' } : {},
    })),
  );

  it.each(cases)(
    '$method in $name',
    async ({ name, method, options }) => {
      const subject = subjects.get(name);
      if (subject === undefined) throw new Error(`no model "${name}"`);
      const { open, calibration, host } = subject;
      const amount = { data: 'calibration.txt', samples: 4, length: 48 };
      const recipe = parseRecipe({ version: 1, calibration: amount, steps: [{ method, options }] });
      const before = await planRecipe(open.model, open.anatomy, recipe);
      const [problem] = before.problems;
      if (problem !== undefined) {
        // Nothing to find in this model: the recipe is refused before it runs, and says why.
        expect(problem.message).toMatch(/changes nothing in this model, because/);
        return;
      }
      const input = { open, recipe, measure: false, ...(calibration && { calibration }) };
      const trial = await runTrial(host, input, { progress: () => {} });
      const written = (await new TrialStore(host.storage).written(trial.id)).file.byteLength;
      const closed = await planRecipe(open.model, open.anatomy, trial.recipe);
      expect([closed.atMost, closed.bytes, trial.report?.forecastBytes]).toEqual([
        undefined,
        written,
        written,
      ]);
      expect(written).toBeLessThanOrEqual(before.atMost ?? before.bytes);
      if (before.atMost === undefined) expect(written).toBe(before.bytes);
    },
    30_000,
  );
});
