/**
 * How long the engine thread takes to forecast a recipe after one option changed: the exact plan, the memory,
 * and what stands in a training's way. Every method with each of a few changed options, on every sample.
 * `tsx tools/bench/planning.ts [--rounds N]`
 */
import { allMethods } from '../../src/core/methods/registry.ts';
import { openModel } from '../../src/engine/model/open.ts';
import { sampleModel } from '../../test/support/sample.ts';
import { forecast } from '../../workers/engine/forecast.ts';
import { parseRecipe } from '../../src/core/recipe/schema.ts';
import { median, printMeasured, quantile } from './line.ts';

const SAMPLES = ['stories', 'digits', 'handwriting', 'mail', 'prose'];
/** Changes as a person makes them with a slider: the same option, another value. */
const CHANGES: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  'round-to-nearest': [{ bits: 4 }, { bits: 3 }, { blockSize: 16 }, { symmetric: false }],
  gptq: [{ bits: 4 }, { bits: 3 }, { damping: 0.02 }],
  magnitude: [{ sparsity: 0.4 }, { sparsity: 0.5 }],
  wanda: [{ sparsity: 0.4 }, { pattern: '2:4' }],
  'fine-tune': [{ steps: 10 }, { learningRate: 0.001 }],
  lora: [{ rank: 4 }, { rank: 2 }, { alpha: 8 }, { result: 'adapter' }],
  distill: [
    { student: 'fresh', width: 0.5 },
    { student: 'fresh', width: 0.5, learningRate: 0.001 },
    { student: 'shallow' },
    { student: 'shallow', steps: 40 },
    { hidden: 1 },
  ],
};

const OFF = { method: 'float16', disabled: true };

const at = process.argv.indexOf('--rounds');
const rounds = at < 0 ? 3 : Number(process.argv[at + 1]);

const all: number[] = [];
for (const name of SAMPLES) {
  const open = await openModel(await sampleModel(name));
  for (const { meta } of allMethods()) {
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      // At another place in the recipe a step has not been planned before: each time is that of a value never seen.
      const before = Array.from({ length: round }, () => OFF);
      for (const options of CHANGES[meta.id] ?? [{}]) {
        const calibration = { data: open.origin };
        const steps = [...before, { method: meta.id, options }];
        const recipe = parseRecipe({ version: 1, calibration, steps });
        const start = performance.now();
        await forecast(open, recipe);
        // The first round compiles.
        if (round > 0) times.push(performance.now() - start);
      }
    }
    all.push(...times);
    const worst = Math.max(...times);
    console.log(
      `${name.padEnd(12)} ${meta.id.padEnd(18)} median ${median(times).toFixed(1)} ms, worst ${worst.toFixed(1)} ms`,
    );
  }
}
printMeasured({
  what: 'planning after one option changed, ms, 95th percentile',
  value: quantile(all, 0.95),
  goal: { relation: '≤', limit: 50 },
  note: `median ${median(all).toFixed(1)} ms, worst ${Math.max(...all).toFixed(1)} ms, n ${all.length}: all methods on ${SAMPLES.length} samples`,
});
