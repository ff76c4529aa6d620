import { expect, it } from 'vitest';
import { recipe, sampleModel, testHost } from '../../test/support/sample.ts';
import type { ByteSource } from '../../src/core/onnx/types.ts';
import { openModel } from '../../src/engine/model/open.ts';
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
