/**
 * Makes `public/samples/digits` from the folder that holds `mnist-vit/` and `mnist/`:
 * `npx tsx tools/samples/make-digits.ts FOLDER`. The same sources give the same bytes.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { preprocessImages } from '../../src/core/data/images.ts';
import { parseDataset } from '../../src/core/data/parse-dataset.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import { shuffled } from '../../src/core/random/shuffle.ts';
import { measureClassifier } from './measure.ts';
import { writeNpz } from './npz.ts';
import { shipSample } from './shelf.ts';
import { digitsReadme } from './digits-readme.ts';

const SIZE = 28;
const PIXELS = SIZE * SIZE;
const CALIBRATED = 256;
const SEED = 28;

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: npx tsx tools/samples/make-digits.ts FOLDER');

const read = (path: string) => new Uint8Array(readFileSync(join(folder, path)));
const model = read('mnist-vit/mnist_vit.onnx');
const preprocessor = {
  image_processor_type: 'ViTImageProcessor',
  do_resize: true,
  size: { height: SIZE, width: SIZE },
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [0.1307],
  image_std: [0.3081],
};

const trainLabels = read('mnist/train-labels.u8');
const chosen = spreadChoice(trainLabels, CALIBRATED);
const calibration = npzOf(unzipped('mnist/train-images.u8.gz'), trainLabels, chosen);
const testLabels = read('mnist/test-0-1999-labels.u8');
const all = [...testLabels.keys()];
const evaluation = npzOf(unzipped('mnist/test-0-1999-images.u8.gz'), testLabels, all);

const dataset = parseDataset({ name: 'evaluation.npz', bytes: evaluation });
if (dataset.kind !== 'examples') throw new Error('evaluation.npz holds no arrays');
const accuracy = await measureClassifier(model, preprocessImages(dataset, preprocessor));
const digits = Array.from({ length: 10 }, (_, digit) => String(digit));

shipSample(
  {
    name: 'digits',
    title: 'Digits',
    task: 'image-classification',
    description: 'A small vision transformer that reads handwritten digits: 1 block, 16 patches.',
    licence: 'Model MIT (agentzz1/transformer_poc); images CC BY-SA 3.0 (MNIST)',
    figures: { accuracy },
  },
  {
    'model.onnx': model,
    'config.json': {
      json: {
        architectures: ['ViTForImageClassification'],
        model_type: 'vit',
        hidden_size: 32,
        intermediate_size: 64,
        num_hidden_layers: 1,
        num_attention_heads: 1,
        image_size: SIZE,
        patch_size: 7,
        num_channels: 1,
        hidden_act: 'gelu',
        id2label: Object.fromEntries(digits.map((digit) => [digit, digit])),
        label2id: Object.fromEntries(digits.map((digit) => [digit, Number(digit)])),
      },
    },
    'preprocessor_config.json': { json: preprocessor },
    'calibration.npz': calibration,
    'evaluation.npz': evaluation,
    'README.md': digitsReadme({ accuracy, calibrated: CALIBRATED, seed: SEED }),
  },
);

function unzipped(path: string): Uint8Array {
  return new Uint8Array(gunzipSync(read(path)));
}

function npzOf(images: Uint8Array, labels: Uint8Array, indices: readonly number[]): Uint8Array {
  const data = new Uint8Array(indices.length * PIXELS);
  indices.forEach((index, at) => {
    data.set(images.subarray(index * PIXELS, (index + 1) * PIXELS), at * PIXELS);
  });
  return writeNpz({
    image: { dims: [indices.length, 1, SIZE, SIZE], data },
    labels: { dims: [indices.length], data: Uint8Array.from(indices, (index) => labels[index]) },
  });
}

/** A seeded random choice with (nearly) as many of each class, in random order. */
function spreadChoice(labels: Uint8Array, count: number): number[] {
  const order = shuffled([...labels.keys()], seededRandom(SEED));
  const taken = new Map<number, number>();
  return order
    .filter((index) => {
      const rank = taken.get(labels[index]) ?? 0;
      taken.set(labels[index], rank + 1);
      return rank < Math.ceil(count / 10);
    })
    .slice(0, count);
}
