import { LatheError } from '../../src/core/errors/lathe-error.ts';
import { recipeLine } from '../../src/core/recipe/describe.ts';
import type { Report } from '../../src/core/report/types.ts';
import type { ModelFolder } from '../../src/engine/model/folder.ts';
import { writtenBytes } from '../../src/engine/model/written.ts';
import type { TrialStore } from '../../src/engine/trials/store.ts';
import type { Trial } from '../protocol.ts';
import { returnedFile, type Returned } from './provenance.ts';

/** As many digits of a hash as trials are told apart by. */
const ID = 16;

/**
 * Keeps a file that was made by Lathe elsewhere, or earlier, as a trial of the model it was made from. What was
 * measured of it comes from `known`, or from the report in its folder.
 */
export async function adopt(
  store: TrialStore,
  folder: ModelFolder,
  original: string,
  known?: Pick<Trial, 'id' | 'report'>,
): Promise<Trial> {
  const returned = await returnedFile(folder);
  if (returned === undefined) {
    throw new LatheError(
      'no-report',
      `"${folder.name}" carries no report of Lathe, so it is no trial of any model; open it as a model.`,
    );
  }
  const { recipe, inputSha256 } = returned.report;
  const trial: Trial = {
    id: known?.id ?? returned.sha256.slice(0, ID),
    model: { name: original, sha256: inputSha256 },
    name: recipe.name ?? recipeLine(recipe),
    recipe,
    createdAt: Date.now(),
    state: 'done',
    elsewhere: true,
    report: known?.report ?? returned.measured ?? unmeasured(returned),
  };
  await store.adopt(trial, returned.written);
  return trial;
}

/** What a file says about itself without what was measured of it, which no file can hold. */
function unmeasured({ sha256, report, written }: Returned): Report {
  return {
    ...report,
    outputSha256: sha256,
    forecastBytes: writtenBytes(written),
    verified: false,
    scores: 'quality',
    latency: {},
    notMeasured: 'the file came back without its measurements; run its recipe to measure it here',
  };
}
