/** The same recipe is the same document, and makes the same bytes, from the page and from the command line. */
import { beforeEach, describe, expect, it } from 'vitest';
import { parseRecipe } from '../../src/core/recipe/schema.ts';
import { readEmbedded } from '../../src/core/report/embed.ts';
import { openModel } from '../../src/engine/model/open.ts';
import { readWritten } from '../../src/engine/model/written.ts';
import { runTrial } from '../../src/engine/run-trial.ts';
import { TrialStore } from '../../src/engine/trials/store.ts';
import { allMetas } from '../../src/core/methods/catalog.ts';
import { optionsForm } from '../../src/core/methods/options-form.ts';
import { defaultOptions } from '../../src/studio/recipe/method-card.ts';
import {
  addStep,
  currentRecipe,
  loadRecipe,
  setOption,
  setSeed,
  updateStep,
  useRecipe,
} from '../../src/studio/state/recipe-store.ts';
import { forecast } from '../../workers/engine/forecast.ts';
import { sampleModel, testHost } from '../support/sample.ts';

const keyOf = (index: number): string => useRecipe.getState().steps[index].key;

/** A recipe as somebody puts it together in the page: added, changed, switched off and on again. */
function bench(): void {
  addStep('round-to-nearest', { bits: 4 }, 'feed-forward');
  setOption(keyOf(0), 'bits', 8);
  updateStep(keyOf(0), { disabled: true });
  updateStep(keyOf(0), { disabled: false });
  addStep('float16', {});
  updateStep(keyOf(1), { disabled: true });
  setSeed(3);
}

/** The same as a file for the command line, as short as it can be written. */
const FILE = JSON.stringify({
  version: 1,
  seed: 3,
  steps: [
    { method: 'round-to-nearest', target: 'feed-forward', options: { bits: 8 } },
    { method: 'float16', disabled: true },
  ],
});

beforeEach(() => loadRecipe({ version: 1, seed: 0, steps: [] }));

describe('one recipe document', () => {
  it('runs to the same bytes from the bench and from a file, and as large as forecast', async () => {
    bench();
    const open = await openModel(await sampleModel('digits'));
    const written = async (recipe: ReturnType<typeof currentRecipe>) => {
      const host = testHost();
      const { id, report } = await runTrial(host, { open, recipe }, { progress: () => {} });
      const file = await new TrialStore(host.storage).written(id);
      return { id, report, embedded: readEmbedded(await readWritten(file))?.recipe };
    };
    const [page, line] = [await written(currentRecipe()), await written(parseRecipe(FILE))];
    expect(page.report?.outputSha256).toBe(line.report?.outputSha256);
    expect(page.id).toBe(line.id);
    expect(JSON.stringify(page.embedded)).toBe(JSON.stringify(parseRecipe(FILE)));
    expect((await forecast(open, currentRecipe())).bytes).toBe(page.report?.after.bytes);
  });

  it.each(allMetas())('is the same for $title as the form adds it', (meta) => {
    addStep(meta.id, defaultOptions({ ...meta, fields: optionsForm(meta), decided: [] }));
    const file = { version: 1, steps: [{ method: meta.id }] };
    expect(JSON.stringify(parseRecipe(currentRecipe()))).toBe(JSON.stringify(parseRecipe(file)));
  });
});
