import { beforeAll, describe, expect, it } from 'vitest';
import { recipe, sampleModel, testHost } from '../../../test/support/sample.ts';
import { recogniseStored } from '../../core/anatomy/recognise-stored.ts';
import type { Dataset } from '../../core/data/types.ts';
import { readWeight } from '../../core/methods/weight.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import { toFloat32 } from '../../core/tensor/convert.ts';
import { elementCount } from '../../core/tensor/data-type.ts';
import { ownData } from '../data/read.ts';
import type { Host } from '../host.ts';
import { openModel, type OpenModel } from '../model/open.ts';
import { readWritten } from '../model/written.ts';
import { runTrial } from '../run-trial.ts';
import { TrialStore } from '../trials/store.ts';

let stories: OpenModel;
let calibration: Dataset;

beforeAll(async () => {
  stories = await openModel(await sampleModel('stories'));
  const dataset = await ownData(stories, 'calibration');
  if (dataset?.kind !== 'text') throw new Error('the sample has no calibration data');
  const documents = dataset.documents.slice(0, 8).map((document) => document.slice(0, 120));
  calibration = { ...dataset, documents };
});

const target = { blocks: [0], role: 'attention' };
const BLOCK = 32;

/** The codes of the first layer of a file and the scales they are read with. */
async function writtenCodes(host: Host, bits: number, options: object = {}) {
  const step = { method: 'any-precision', target, options: { bits, blockSize: BLOCK, ...options } };
  const asked = { open: stories, recipe: recipe(step), calibration, measure: false };
  const { id, report } = await runTrial(host, asked, { progress: () => {} });
  const model = await readWritten(await new TrialStore(host.storage).written(id));
  const [tensor] = model.graph.initializers.filter(({ name }) => name.endsWith('_scales'));
  expect(tensor.dataType).toBe(DataType.float32);
  const bytes = await tensor.data.read();
  const scales = toFloat32(tensor.dataType, bytes, elementCount(tensor.dims));
  const name = tensor.name.replace(/_scales$/, '');
  const layer = (await recogniseStored(model)).layers.find((one) => one.name.startsWith(name));
  if (layer === undefined) throw new Error(`no layer reads "${name}"`);
  const { values } = await readWeight(model, layer);
  const codes = values.map((w, i) => ((w / scales[Math.floor(i / BLOCK)] + 1) * 2 ** bits - 1) / 2);
  codes.forEach((code) => expect(Math.abs(code - Math.round(code))).toBeLessThan(1e-3));
  return { codes: Uint8Array.from(codes, Math.round), scales, sha256: report?.outputSha256 };
}

const kept = ({ storage }: Host) =>
  storage.list('stages').then((paths) => paths.filter((path) => path.endsWith('.codes')));

describe('codes that are kept', () => {
  it('serve every width: files of one sweep hold the top bits of one parent', async () => {
    const host = testHost();
    const parent = await writtenCodes(host, 8);
    const found = await kept(host);
    expect(found.length).toBeGreaterThan(0);
    for (const bits of [6, 4, 2]) {
      const slice = await writtenCodes(host, bits);
      expect(slice.codes).toEqual(parent.codes.map((code) => code >> (8 - bits)));
      expect(slice.scales).toEqual(parent.scales);
      if (bits === 4) expect(slice.sha256).toBe((await writtenCodes(testHost(), bits)).sha256);
    }
    expect(await kept(host)).toEqual(found);
  });

  it('are taken up, not found again; damaged ones are found again', async () => {
    const host = testHost();
    const first = await writtenCodes(host, 8);
    const { storage } = host;
    for (const path of await kept(host)) {
      const file = await storage.open(path);
      const bytes = (await file?.read(0, file.byteLength))?.slice();
      if (bytes === undefined) throw new Error('nothing was kept');
      // The upper bit of each code is flipped: only who reads them can know.
      const start = 4 + new DataView(bytes.buffer).getUint32(0, true);
      for (let i = 0; i < first.codes.length; i++) bytes[start + i] ^= 1 << 7;
      await storage.write(path, [bytes]);
    }
    const flipped = await writtenCodes(host, 4);
    expect(flipped.codes).toEqual(first.codes.map((code) => (code ^ 128) >> 4));
    for (const path of await kept(host)) await storage.write(path, [Uint8Array.of(9, 9, 9)]);
    expect((await writtenCodes(host, 6)).codes).toEqual(first.codes.map((code) => code >> 2));
  });

  it('belong to what decides them', async () => {
    const host = testHost();
    await writtenCodes(host, 4);
    const before = await kept(host);
    await writtenCodes(host, 4, { balance: 0.2 });
    await writtenCodes(host, 4, { rounding: 'nearest' });
    expect(await kept(host)).toHaveLength(3 * before.length);
  });
});
