import { parseDataset } from '../../../src/core/data/parse-dataset.ts';
import { preprocessImages } from '../../../src/core/data/images.ts';
import { classify, trainLogisticRegression } from '../baselines/logistic-regression.ts';
import { sparseFromDense } from '../baselines/sparse-rows.ts';
import { accuracy } from '../../../src/core/metrics/accuracy.ts';
import { initialWeights } from '../../../src/core/onnx/build/initial-weights.ts';
import { buildVit, type VitConfig } from '../../../src/core/onnx/build/vit.ts';
import { measureClassifier } from '../../samples/measure.ts';
import { writeNpz } from '../../samples/npz.ts';
import type { Baseline, GalleryEntry, Result } from '../entry.ts';
import { judgeAccuracy } from '../judge-accuracy.ts';
import type { TrainingConfig } from '../trainer-contract.ts';
import { imageData } from './batches.ts';
import {
  PIXELS,
  PIXEL_DEVIATION,
  PIXEL_MEAN,
  readImages,
  select,
  SIDE,
  type LabelledImages,
} from './images.ts';
import { handwritingReadme } from './readme.ts';
import { CALIBRATED, SPLIT_SEED, splitImages, VALIDATED } from './split.ts';

const MODEL: VitConfig = {
  imageSize: SIDE,
  patchSize: 4,
  channels: 1,
  hiddenSize: 64,
  feedForwardWidth: 128,
  blocks: 4,
  heads: 4,
  classes: 10,
};

const CONFIG: TrainingConfig = {
  seed: SPLIT_SEED,
  shape: { batch: 32 },
  schedule: { learningRate: 1.5e-3, steps: 8400, warmup: 200, floor: 0.01 },
  adamW: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.05, clipNorm: 1 },
  validateEvery: 600,
};

/** The figure that the project asks of this model. */
const LEAST = 0.97;
const LINEAR = { classes: 10, penalty: 1e-5, iterations: 100, tolerance: 1e-5 };

const PREPROCESSOR = {
  image_processor_type: 'ViTImageProcessor',
  do_resize: true,
  size: { height: SIDE, width: SIDE },
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [PIXEL_MEAN],
  image_std: [PIXEL_DEVIATION],
};

/** A vision transformer for handwritten digits. */
export const handwriting: GalleryEntry = {
  name: 'handwriting',
  prepare: async (material) => {
    const all = readImages(material, 'train');
    const test = readImages(material, 'test-0-1999');
    const split = splitImages(all.labels.length);
    const [calibration, validation, training] = [
      select(all, split.calibration),
      select(all, split.validation),
      select(all, split.training),
    ];
    const evaluation = npzOf(test);
    return {
      initial: buildVit(MODEL, initialWeights(CONFIG.seed, 0.04)),
      config: CONFIG,
      data: imageData(training, validation, { batch: CONFIG.shape.batch, seed: CONFIG.seed }),
      facts: [
        `training ${training.labels.length} images, moved by up to one pixel each time they are seen`,
        `validation ${VALIDATED}, calibration ${CALIBRATED} other training images (seed ${CONFIG.seed})`,
        `evaluation MNIST test images 0 to 1999`,
      ],
      baselines: () => [linearOnPixels(training, test)],
      measure: (model) => measureClassifier(model, examplesOf(evaluation)),
      judge: (figure, baselines) => judgeAccuracy(figure, LEAST, 'the figure asked for', baselines),
      halfStorage: false,
      sample: ({ figure }) => ({
        name: 'handwriting',
        title: 'Handwriting',
        task: 'image-classification',
        description:
          'A vision transformer that reads handwritten digits: 4 blocks, 49 patches, trained here.',
        licence: 'Model MIT (trained by this project); images CC BY-SA 3.0 (MNIST)',
        figures: { accuracy: figure },
      }),
      files: (result: Result) => ({
        'config.json': { json: huggingFaceConfig() },
        'preprocessor_config.json': { json: PREPROCESSOR },
        'calibration.npz': npzOf(calibration),
        'evaluation.npz': evaluation,
        'README.md': handwritingReadme(result, MODEL, CONFIG),
      }),
    };
  },
};

function npzOf({ pixels, labels }: LabelledImages): Uint8Array {
  return writeNpz({
    pixel_values: { dims: [labels.length, 1, SIDE, SIDE], data: pixels },
    labels: { dims: [labels.length], data: labels },
  });
}

function examplesOf(npz: Uint8Array) {
  const dataset = parseDataset({ name: 'evaluation.npz', bytes: npz });
  if (dataset.kind !== 'examples') throw new Error('evaluation.npz holds no arrays');
  return preprocessImages(dataset, PREPROCESSOR);
}

/** Softmax regression on the 784 pixels, on the same training images without moving them. */
function linearOnPixels(training: LabelledImages, test: LabelledImages): Baseline {
  const rows = sparseFromDense(training.pixels, PIXELS, 1 / 255);
  const fit = trainLogisticRegression(rows, training.labels, LINEAR);
  const guesses = classify(fit, sparseFromDense(test.pixels, PIXELS, 1 / 255));
  const right = guesses.map((guess, k) => Number(guess === test.labels[k]));
  return { name: 'linear softmax on pixels', metric: accuracy(right) };
}

function huggingFaceConfig() {
  const digits = Array.from({ length: 10 }, (_, digit) => String(digit));
  return {
    architectures: ['ViTForImageClassification'],
    model_type: 'vit',
    hidden_size: MODEL.hiddenSize,
    intermediate_size: MODEL.feedForwardWidth,
    num_hidden_layers: MODEL.blocks,
    num_attention_heads: MODEL.heads,
    image_size: SIDE,
    patch_size: MODEL.patchSize,
    num_channels: 1,
    hidden_act: 'gelu',
    layer_norm_eps: 1e-12,
    id2label: Object.fromEntries(digits.map((digit) => [digit, digit])),
    label2id: Object.fromEntries(digits.map((digit) => [digit, Number(digit)])),
  };
}
