import { describe, expect, it } from 'vitest';
import { testHost } from '../../../test/support/sample.ts';
import { tinyDecoderFolder, wordText } from '../../../test/support/tiny-decoder.ts';
import { parseObjective } from '../../core/recipe/objective.ts';
import { createNodeRuntime } from '../../runtime/ort-node.ts';
import { openModel } from '../model/open.ts';
import { runTrial } from '../run-trial.ts';

const host = () => ({ ...testHost(), runtime: () => createNodeRuntime({ threads: 1 }) });

async function train(fixture: string, method: string, options: object) {
  const open = await openModel(await tinyDecoderFolder(fixture));
  const objective = { version: 1, length: 12, method, target: 'attention', options };
  const recipe = parseObjective(objective, 'words.txt');
  const input = { open, recipe, calibration: wordText(600, 1), evaluation: wordText(300, 2) };
  const { report } = await runTrial(host(), input, { progress: () => {} });
  return report;
}

const SETTINGS = { steps: 30, batchSize: 4, validateEvery: 10, warmup: 2, learningRate: 0.02 };

describe('training a decoder that takes a cache', () => {
  it.each([
    ['lora', { ...SETTINGS, rank: 2 }],
    ['fine-tune', SETTINGS],
  ])(
    '%s gives the same as the same model without one',
    async (method, options) => {
      const cached = await train('gpt2 with cache, none yet', method, options);
      const plain = await train('gpt2 plain, opset 13', method, options);
      const [record, reference] = [cached?.training?.[0], plain?.training?.[0]];
      expect(record?.end).toBe('finished');
      expect(record?.before).toEqual(reference?.before);
      expect(record?.after.value).toBeLessThan(0.98 * (record?.before.value ?? 0));
      expect(record?.after.value).toBeCloseTo(reference?.after.value ?? NaN, 4);
      expect(cached?.evaluation?.compressed.perplexity?.value).toBeLessThan(
        cached?.evaluation?.original.perplexity?.value ?? 0,
      );
    },
    60_000,
  );
});
