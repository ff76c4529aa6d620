import { expect, it } from 'vitest';
import { oneLayerModel } from '../../test/fixtures/methods/models.ts';
import { writeModel } from '../../src/core/onnx/write.ts';
import { Desk } from './desk.ts';
import type { PreviewRequest } from './picture.ts';

const { model, layer } = oneLayerModel('MatMul', 48, 96, { opset: 21 });
const desk = await Desk.of(model);

const ASKED: PreviewRequest = {
  ...{ sequence: 1, layer: desk.layers[0].name, cells: 16, bins: 40 },
  entry: { row: 0, column: 0 },
  crop: { rows: { from: 0, end: 4 }, columns: { from: 0, end: 4 } },
};

function step(bits: number): PreviewRequest {
  return { ...ASKED, step: { method: 'round-to-nearest', options: { bits } } };
}

it('a layer and what was made of it are kept while they are asked about', async () => {
  const subject = await desk.subject(ASKED);
  expect(subject.weight.layer.output).toBe(layer.output);
  expect(await desk.subject(ASKED)).toBe(subject);
  const four = await desk.outcome(subject, step(4));
  const elsewhere = { ...step(4), entry: { row: 9, column: 9 } };
  expect(await desk.outcome(subject, elsewhere)).toBe(four);
  expect(await desk.outcome(subject, step(2))).not.toBe(four);
  expect(await desk.outcome(subject, ASKED)).toBeUndefined();
});

it('a measured file goes before the step, and is opened once', async () => {
  const blob = new Blob([new Uint8Array(await writeModel(model))]);
  let opened = 0;
  const slice = blob.slice.bind(blob);
  blob.slice = (...range) => {
    opened += 1;
    return slice(...range);
  };
  const measured = { trial: 'a', blob, steps: [] };
  const subject = await desk.subject(ASKED);
  const outcome = await desk.outcome(subject, { ...step(2), measured });
  expect(outcome?.from).toBe('file');
  expect(outcome?.compared.squaredError).toBe(0);
  const read = opened;
  expect(read).toBeGreaterThan(0);
  expect(await desk.outcome(subject, { ...ASKED, measured })).toBe(outcome);
  expect(opened).toBe(read);
});

it('a layer that is not there is named', async () => {
  await expect(desk.subject({ ...ASKED, layer: 'nowhere' })).rejects.toThrow(
    'The open model has no layer "nowhere"; choose another.',
  );
});
