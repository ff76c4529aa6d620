import { z } from 'zod';
import { LatheError } from '../errors/lathe-error.ts';
import { DataType } from '../tensor/data-type.ts';
import type { Value } from '../tensor/values.ts';
import type { ExampleDataset } from './types.ts';

const channelNumbers = z.union([z.number(), z.array(z.number()).min(1).max(16)]);

/** The fields of Hugging Face's `preprocessor_config.json` that act on pixels. */
const preprocessorSchema = z.looseObject({
  do_rescale: z.boolean().default(true),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  do_normalize: z.boolean().default(true),
  image_mean: channelNumbers.default(0),
  image_std: channelNumbers.default(1),
});

type Preprocessor = z.infer<typeof preprocessorSchema>;

/** Grey or colour; also how the channel dimension is told from height and width. */
const CHANNELS = [1, 3];

/**
 * Turns every uint8 image array of a dataset into what the model takes:
 * x = (pixel · rescale_factor − image_mean) / image_std, float32 [n, channels, height, width].
 * Images come as [n, height, width], [n, channels, height, width] or [n, height, width, channels].
 * Other arrays pass unchanged. Images are not resized: they must have the model's size.
 * @param config parsed `preprocessor_config.json`
 * @throws LatheError `preprocessor-config`, `data-image-shape`
 */
export function preprocessImages(dataset: ExampleDataset, config: unknown): ExampleDataset {
  const parsed = preprocessorSchema.safeParse(config);
  if (!parsed.success) throw configError(parsed.error.issues[0].path.join('.'));
  const arrays = Object.entries(dataset.arrays).map(([name, value]) => {
    const isImage = value.dataType === DataType.uint8 && value.dims.length >= 3;
    return [name, isImage ? imagesToFloat(value, parsed.data, name) : value] as const;
  });
  return { ...dataset, arrays: Object.fromEntries(arrays) };
}

function imagesToFloat(images: Value, config: Preprocessor, name: string): Value {
  const layout = layoutOf(images.dims, name);
  const { count, channels, height, width } = layout;
  const pixels = height * width;
  const { factors, shifts } = channelMap(config, channels, name);
  const data = new Float32Array(count * channels * pixels);
  for (let at = 0; at < data.length; at++) {
    const channel = Math.floor(at / pixels) % channels;
    const image = Math.floor(at / (pixels * channels));
    const source = layout.last ? (image * pixels + (at % pixels)) * channels + channel : at;
    data[at] = Number(images.data[source]) * factors[channel] + shifts[channel];
  }
  return { dataType: DataType.float32, dims: [count, channels, height, width], data };
}

function layoutOf(dims: readonly number[], name: string) {
  const [count, a, b, c] = dims;
  if (dims.length === 3) return { count, channels: 1, height: a, width: b, last: false };
  if (dims.length === 4 && CHANNELS.includes(a)) {
    return { count, channels: a, height: b, width: c, last: false };
  }
  if (dims.length === 4 && CHANNELS.includes(c)) {
    return { count, channels: c, height: a, width: b, last: true };
  }
  throw new LatheError(
    'data-image-shape',
    `The image array "${name}" has the shape [${dims.join(', ')}], in which channels, height and width cannot be told apart; store it as [images, channels, height, width].`,
  );
}

/** x·factor + shift, the same as (x·rescale − mean) / std. */
function channelMap(config: Preprocessor, channels: number, name: string) {
  const scale = config.do_rescale ? config.rescale_factor : 1;
  const mean = perChannel(config.do_normalize ? config.image_mean : 0, channels, name);
  const std = perChannel(config.do_normalize ? config.image_std : 1, channels, name);
  return {
    factors: std.map((s) => scale / s),
    shifts: mean.map((m, channel) => -m / std[channel]),
  };
}

function perChannel(values: number | number[], channels: number, name: string): number[] {
  const list = typeof values === 'number' ? [values] : values;
  if (list.length === 1) return Array<number>(channels).fill(list[0]);
  if (list.length === channels) return list;
  throw new LatheError(
    'preprocessor-config',
    `preprocessor_config.json gives the mean or deviation of ${list.length} channels, but the images "${name}" have ${channels}; use images of the kind the model was trained on.`,
  );
}

function configError(field: string): LatheError {
  return new LatheError(
    'preprocessor-config',
    `The field "${field}" of preprocessor_config.json is of another kind than expected; give the preprocessor_config.json that was saved with the model.`,
  );
}
