import type { Dataset, ExampleDataset, TextDataset } from '../../../src/core/data/types.ts';
import { bytesSource } from '../../../src/core/onnx/source.ts';
import { writeModel } from '../../../src/core/onnx/write.ts';
import { DataType } from '../../../src/core/tensor/data-type.ts';
import { ownData } from '../../../src/engine/data/read.ts';
import { openModel } from '../../../src/engine/model/open.ts';
import type { Feed, Fixture } from '../../fixtures/layouts/fixture.ts';
import { sampleModel } from '../sample.ts';
import type { PinnedModel } from './pin.ts';

/** A shipped sample with a little of its calibration data. */
export async function pinnedSample(name: string): Promise<PinnedModel> {
  const open = await openModel(await sampleModel(name));
  const data = await ownData(open, 'calibration');
  if (data === undefined) throw new Error(`the sample "${name}" has no calibration data`);
  return { name, open, data: shortened(data) };
}

function shortened(dataset: Dataset): Dataset {
  return dataset.kind === 'text' ? shortTexts(dataset) : dataset;
}

function shortTexts(dataset: TextDataset): TextDataset {
  if (dataset.documents.length === 1) {
    return { ...dataset, documents: [dataset.documents[0].slice(0, 4000)] };
  }
  return {
    ...dataset,
    documents: dataset.documents.slice(0, 12).map((text) => text.slice(0, 160)),
  };
}

/** A layout fixture, calibrated on the arrays it comes with. */
export async function pinnedLayout({ name, model, feeds }: Fixture): Promise<PinnedModel> {
  const source = bytesSource(await writeModel(model()));
  const files = [{ path: 'model.onnx', source }];
  const open = await openModel({ name, origin: 'file', files });
  return { name, open, data: arraysOf(feeds) };
}

const ARRAYS = {
  int64: (values: readonly number[]) => BigInt64Array.from(values, BigInt),
  int32: (values: readonly number[]) => Int32Array.from(values),
  float32: (values: readonly number[]) => Float32Array.from(values),
};

function arraysOf(feeds: Readonly<Record<string, Feed>>): ExampleDataset {
  const arrays = Object.entries(feeds).map(([name, { type, dims, values }]) => {
    return [name, { dataType: DataType[type], dims, data: ARRAYS[type](values) }] as const;
  });
  const count = Math.min(...arrays.map(([, { dims }]) => dims[0] ?? 1));
  return { kind: 'examples', name: 'pinned', count, arrays: Object.fromEntries(arrays) };
}
