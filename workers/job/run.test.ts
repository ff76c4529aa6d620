import { expect, it } from 'vitest';
import { recipe, sampleModel, testHost } from '../../test/support/sample.ts';
import type { ByteSource } from '../../src/core/onnx/types.ts';
import { openModel } from '../../src/engine/model/open.ts';
import type { JobProgress } from '../protocol.ts';
import { Runner } from './run.ts';

it('reads the calibration data beside a model only when a step looks at it', async () => {
  const folder = await sampleModel('digits');
  let reads = 0;
  const counting = (source: ByteSource): ByteSource => ({
    byteLength: source.byteLength,
    read: (offset, length) => {
      reads++;
      return source.read(offset, length);
    },
  });
  const files = folder.files
    .filter(({ path }) => !path.startsWith('evaluation'))
    .map((file) =>
      file.path.startsWith('calibration') ? { ...file, source: counting(file.source) } : file,
    );
  const open = await openModel({ ...folder, files });
  const runner = new Runner(testHost());
  const nearest = recipe({ method: 'round-to-nearest', options: { bits: 8 } });
  await runner.run(open, nearest, () => {});
  expect(reads).toBe(0);
  await runner.run(open, recipe({ method: 'gptq', options: { bits: 4 } }), () => {});
  expect(reads).toBeGreaterThan(0);
});

it('sends what measuring came to and the trial as soon as it is measured, and ends early when told', async () => {
  const open = await openModel(await sampleModel('digits'));
  const runner = new Runner(testHost());
  const nearest = recipe({ method: 'round-to-nearest', options: { bits: 8 } });
  const sent: JobProgress[] = [];
  const ended = await runner.run(open, nearest, (progress) => {
    sent.push(progress);
    if (progress.interim !== undefined) runner.enough();
  });
  const [interim] = sent.flatMap((progress) => progress.interim ?? []);
  expect(interim).toMatchObject({ done: 50, of: 2000, bytes: ended.report?.after.bytes });
  expect(interim.difference.accuracy?.n).toBe(50);
  expect(ended.report?.evaluation?.stopped).toEqual({ done: 50, of: 2000 });
  const trials = sent.flatMap(({ trial }) => trial ?? []);
  expect(trials.map(({ id }) => id)).toEqual([ended.id]);
  expect(sent.indexOf(sent.find(({ trial }) => trial) ?? sent[0])).toBeLessThan(sent.length - 1);
  // Nothing was shown yet that could be enough, and what was enough of the last run is not of this one.
  const whole = await runner.run(open, nearest, ({ stage }) => {
    if (stage === 'Writing the file') runner.enough();
  });
  expect(whole.id).toBe(ended.id);
  expect(whole.report?.evaluation).not.toHaveProperty('stopped');
  const kept = await runner.run(open, nearest, () => expect.fail('it is kept'));
  expect(kept).toEqual(whole);
});
