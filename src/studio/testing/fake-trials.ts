/** Many trials at once, to look at lists of them. Only the harness imports it. */
import { recipeLine } from '../../core/recipe/describe.ts';
import { PRESETS } from '../../core/recipe/presets.ts';
import type { Recipe } from '../../core/recipe/types.ts';
import type { Trial } from '../../../workers/protocol.ts';
import { fakeReport } from './fake-report.ts';
import { fakeView } from './fake-model.ts';

const MODELS = ['stories', 'digits', 'a-model-with-a-rather-long-name'];
const HOUR = 3_600_000;

/** Trials of up to three models in all states, the same ones every time. */
export function fakeTrials(count: number): Trial[] {
  return Array.from({ length: count }, (_, at) => fakeTrial(at));
}

function fakeTrial(at: number): Trial {
  const name = MODELS[Math.min(2, Math.floor(at / 4) % 3)];
  const folder = { name, origin: `sample:${name}`, files: [] };
  const made = fakeView(folder, name === 'digits' ? 'classifier' : 'language-model');
  const view = name === 'stories' ? made : { ...made, sha256: `${name} ${made.sha256}` };
  const recipe = recipeAt(at);
  const stopped = at % 9 === 7 ? 'cancelled' : at % 13 === 11 ? 'failed' : undefined;
  return {
    ...{ id: `fake-${at}`, model: { name, sha256: view.sha256 }, recipe },
    name: at % 3 === 0 ? recipeLine(recipe) : `${recipe.name ?? 'own'} ${at}`,
    createdAt: Date.UTC(2026, 10, 26) - at * HOUR,
    ...(at % 11 === 3 && { pinned: true }),
    ...(at % 5 === 1 && { notes: 'the one for the phone' }),
    ...(stopped === undefined
      ? { state: 'done', report: withEach(fakeReport(recipe, view), at) }
      : { state: stopped, message: MESSAGES[stopped] }),
  };
}

const MESSAGES = {
  cancelled:
    'Cancelled at Round to nearest, layer 7 of 36; run its recipe again to go on: finished steps are kept.',
  failed: 'Failed at Measuring: the evaluation data hold no text that is long enough.',
};

function recipeAt(at: number): Recipe {
  const preset = PRESETS[at % PRESETS.length].recipe;
  return at % 4 === 3 ? { ...preset, steps: [...preset.steps, ...preset.steps] } : preset;
}

type Measured = ReturnType<typeof fakeReport>;

/** What each document came to, noisy but alike for all trials: most of it cancels in a difference. */
function withEach(report: Measured, at: number): Measured {
  const loss = Math.log(report.evaluation?.compressed.perplexity?.value ?? 4);
  const compressed = Array.from(
    { length: 60 },
    (_, i) => loss + 0.4 * Math.sin(i * 1.7) + 0.01 * Math.sin(i * (at + 2)),
  );
  if (report.evaluation === undefined || at % 6 === 5) return report;
  return {
    ...report,
    evaluation: { ...report.evaluation, each: { metric: 'perplexity', compressed } },
  };
}
