import { z } from 'zod';
import { imageChannels } from '../../core/anatomy/image-channels.ts';
import { imageSides } from '../../core/anatomy/image-sides.ts';
import { isCacheInput } from '../../core/data/cache-input.ts';
import type { Dataset, ExampleDataset } from '../../core/data/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Bindings } from '../../core/onnx/shape/dimension.ts';
import { openSymbol } from '../../core/onnx/shape/infer.ts';
import type { Graph, ValueInfo } from '../../core/onnx/types.ts';
import { DataType } from '../../core/tensor/data-type.ts';
import type { OpenModel } from '../model/open.ts';
import { preparedExamples } from './batches.ts';
import { pickExamples } from './pick-examples.ts';

type Told = readonly (number | undefined)[];

/**
 * Numbers for the sizes that inputs of floating point leave open behind their first axis (Optimum
 * leaves all of an image's open), by symbol, as far as something tells them: arrays of that name in
 * `data`, the weight of the convolution that reads the image, `config.json`, `preprocessor_config.json`,
 * the table of positions that is added to its patches.
 */
export function openSizes(
  open: Pick<OpenModel, 'model' | 'config' | 'preprocessor'>,
  data?: Dataset,
): Bindings {
  const { model, preprocessor } = open;
  const bindings: Record<string, number> = {};
  for (const input of featureInputs(model.graph)) {
    const dims = input.type?.dims ?? [];
    const sources = [
      data?.kind === 'examples' ? sizesInData(open, data, input) : [],
      [undefined, imageChannels(model.graph, input.name)],
      ...(dims.length === 4 ? pictures(open, input.name) : []),
      SOUND.test(input.name) && dims.length === 2 ? [undefined, samplesOf(preprocessor)] : [],
    ];
    dims.forEach(({ value, symbol }, axis) => {
      const told = sources.map((sizes) => sizes[axis]).find((size) => size !== undefined);
      if (axis > 0 && value === undefined && told !== undefined)
        bindings[symbol || openSymbol(input.name, axis)] = told;
    });
  }
  return bindings;
}

const FLOATS = new Set<number | undefined>([DataType.float32, DataType.float16]);

/** Inputs that hold neither tokens nor a cache. */
function featureInputs({ inputs, initializers }: Graph): readonly ValueInfo[] {
  const stored = new Set(initializers.map(({ name }) => name));
  return inputs.filter(
    ({ name, type }) => FLOATS.has(type?.dataType) && !stored.has(name) && !isCacheInput(name),
  );
}

/** Sizes of the array for an input, images laid out as the model takes them. */
function sizesInData(
  open: Pick<OpenModel, 'preprocessor'>,
  data: ExampleDataset,
  { name, type }: ValueInfo,
): Told {
  if (!Object.hasOwn(data.arrays, name) || data.count === 0) return [];
  const one = { ...data, count: 1, arrays: pickExamples(data, [0]) };
  try {
    const { dims } = preparedExamples(open, one).arrays[name];
    return dims.length === type?.dims?.length ? dims : [];
  } catch (error) {
    // Whoever has to read this data says what is wrong with it.
    if (error instanceof LatheError) return [];
    throw error;
  }
}

const size = z.number().int().positive();

/** 224, [224, 224], { height, width } or { shortest_edge }, as [height, width]. */
const sides = z.union([
  size.transform((side): [number, number] => [side, side]),
  z.tuple([size, size]),
  z
    .looseObject({ height: size, width: size })
    .transform(({ height, width }): [number, number] => [height, width]),
  z
    .looseObject({ shortest_edge: size })
    .transform(({ shortest_edge: side }): [number, number] => [side, side]),
]);

const image = {
  image_size: sides.optional().catch(undefined),
  num_channels: size.optional().catch(undefined),
};
const configSchema = z
  .looseObject({ ...image, vision_config: z.looseObject(image).optional().catch(undefined) })
  .catch({});
const preprocessorSchema = z
  .looseObject({
    crop_size: sides.optional().catch(undefined),
    size: sides.optional().catch(undefined),
  })
  .catch({});

/** What tells the sizes of an image, the surest first. */
function pictures(
  { model, config, preprocessor }: Pick<OpenModel, 'model' | 'config' | 'preprocessor'>,
  input: string,
): Told[] {
  const [height, width] = imageSides(model.graph, input) ?? [];
  return [imageSizes(config, preprocessor), [undefined, undefined, height, width]];
}

/** Inputs that take sound as it is, by the names that Hugging Face's exporters give them. */
const SOUND = /^(input_values|waveform|audio)s?$/;

const soundSchema = z
  .looseObject({ sampling_rate: z.number().int().positive().optional() })
  .catch({});

/** A second of sound: filters that step through it leave nothing of much less. */
function samplesOf(preprocessor: unknown): number {
  return soundSchema.parse(preprocessor).sampling_rate ?? 16_000;
}

/** [examples, channels, height, width] of the images a model was made for. */
function imageSizes(config: unknown, preprocessor: unknown): Told {
  const { vision_config: vision, ...whole } = configSchema.parse(config);
  const { crop_size: cropped, size: resized } = preprocessorSchema.parse(preprocessor);
  const [height, width] = whole.image_size ?? vision?.image_size ?? cropped ?? resized ?? [];
  return [undefined, whole.num_channels ?? vision?.num_channels, height, width];
}
