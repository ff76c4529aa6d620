import { gzipSync } from 'node:zlib';
import { beforeAll, expect, it } from 'vitest';
import { sampleModel, testHost } from '../../../test/support/sample.ts';
import { CancelledError } from '../../core/errors/lathe-error.ts';
import { bytesSource } from '../../core/onnx/source.ts';
import { parseRecipe } from '../../core/recipe/schema.ts';
import { readEmbedded } from '../../core/report/embed.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { readWritten } from '../model/written.ts';
import { runTrial } from '../run-trial.ts';
import { TrialStore } from '../trials/store.ts';
import { gzippedBytes } from './zipped.ts';

let digits: OpenModel;

beforeAll(async () => {
  digits = await openModel(await sampleModel('digits'));
});

async function run(...steps: readonly unknown[]) {
  const host = testHost();
  const recipe = parseRecipe({ version: 1, steps });
  const input = { open: digits, recipe, measure: false };
  const trial = await runTrial(host, input, { progress: () => {} });
  const store = new TrialStore(host.storage);
  return { trial, kept: await store.get(trial.id), written: await store.written(trial.id) };
}

const prune = (sparsity: number) => ({ method: 'magnitude', options: { sparsity } });

it('counts what gzip makes of the file, of pruned weights stored dense', async () => {
  const { trial, kept, written } = await run(prune(0.8));
  const { file } = written;
  const reference = gzipSync(await file.read(0, file.byteLength)).length;
  // Two programs of the same format differ in effort, not in kind.
  expect(Math.abs((trial.report?.zippedBytes ?? 0) - reference)).toBeLessThan(0.02 * reference);
  expect(kept.report?.zippedBytes).toBe(trial.report?.zippedBytes);
  const less = await run(prune(0.3));
  expect(trial.report?.zippedBytes).toBeLessThan(0.7 * (less.trial.report?.zippedBytes ?? 0));
  // The file keeps its size, and knows nothing of it.
  expect(JSON.stringify(readEmbedded(await readWritten(written)))).not.toContain('zipped');
});

it('says nothing of files in which nothing was set to zero', async () => {
  const { trial } = await run({ method: 'round-to-nearest', options: { bits: 8 } });
  expect(trial.report).not.toHaveProperty('zippedBytes');
});

it('ends with the run', async () => {
  const controller = new AbortController();
  controller.abort(new CancelledError());
  const zipping = gzippedBytes(bytesSource(new Uint8Array(4_000_000)), controller.signal);
  await expect(zipping).rejects.toBeInstanceOf(CancelledError);
});
