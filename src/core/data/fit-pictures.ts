import { z } from 'zod';
import { LatheError } from '../errors/lathe-error.ts';
import { DataType } from '../tensor/data-type.ts';
import { numberClasses } from './labels.ts';
import { resizePicture, RESAMPLING } from './resize.ts';
import type { ExampleDataset, Picture, PictureDataset } from './types.ts';

/** What the model takes: the input's name, and its sizes as far as the graph fixes them. */
export interface PictureInput {
  readonly name: string;
  readonly channels?: number;
  readonly height?: number;
  readonly width?: number;
}

const side = z.int().positive().max(16384);
const sizeSchema = z.union([
  side.transform((edge) => ({ shortest_edge: edge })),
  z.looseObject({ height: side, width: side }),
  z.looseObject({ shortest_edge: side }),
]);

type Size = z.infer<typeof sizeSchema>;

/** The fields of `preprocessor_config.json` that say which pixels are looked at. */
const geometrySchema = z.looseObject({
  do_resize: z.boolean().default(true),
  size: sizeSchema.optional().catch(undefined),
  resample: z.int().default(RESAMPLING.bilinear).catch(RESAMPLING.bilinear),
  do_center_crop: z.boolean().default(false),
  crop_size: sizeSchema.optional().catch(undefined),
});

type Geometry = z.infer<typeof geometrySchema>;

/**
 * Pictures as examples of one input: resized and cropped as `preprocessor_config.json` says (else stretched to the
 * size the graph fixes), grey or in colour as the model has channels (grey = 0.299 R + 0.587 G + 0.114 B, ITU-R
 * BT.601), bytes [n, channels, height, width]. Rescaling and normalising is `preprocessImages`' part. Folder names become
 * class numbers.
 * @throws LatheError `picture-sizes`, `data-label-unknown`
 */
export function fitPictures(
  dataset: PictureDataset,
  input: PictureInput,
  config: unknown,
  classes?: readonly string[],
): ExampleDataset {
  const geometry = geometrySchema.safeParse(config ?? {}).data;
  const fitted = dataset.pictures.map((picture) =>
    planes(shaped(picture, input, geometry), input.channels ?? dataset.pictures[0].channels),
  );
  const [{ dims }] = fitted;
  if (fitted.some((one) => one.dims.join() !== dims.join())) throw differing(dataset, input);
  const size = dims[0] * dims[1] * dims[2];
  const data = new Uint8Array(fitted.length * size);
  fitted.forEach((one, index) => data.set(one.data, index * size));
  const value = { dataType: DataType.uint8, dims: [fitted.length, ...dims], data };
  const { name, labels } = numberClasses(dataset, classes ?? foldersInOrder(dataset));
  return {
    ...{ kind: 'examples', name, arrays: { [input.name]: value }, count: fitted.length },
    ...(labels && { labels }),
  };
}

/** Without names of classes, folders count in the order of their names, unless they are numbers themselves. */
function foldersInOrder({ writtenLabels = [] }: PictureDataset): readonly string[] | undefined {
  const names = [...new Set(writtenLabels)].sort();
  return names.every((name) => /^\d+$/.test(name)) ? undefined : names;
}

function shaped(picture: Picture, input: PictureInput, geometry: Geometry | undefined): Picture {
  const {
    do_resize: resizes,
    size,
    resample,
    do_center_crop: crops,
    crop_size: crop,
  } = geometry ?? {};
  const resized = resizes && size !== undefined ? toSize(picture, size, resample) : picture;
  const cropped = crops && crop !== undefined ? centre(resized, crop) : resized;
  const { height = cropped.height, width = cropped.width } = input;
  return resizePicture(cropped, width, height, resample);
}

/** Both sides as given, or the shorter one with the proportions kept. */
function toSize(picture: Picture, size: Size, resample?: number): Picture {
  if ('height' in size)
    return resizePicture(picture, Number(size.width), Number(size.height), resample);
  const scale = Number(size.shortest_edge) / Math.min(picture.width, picture.height);
  const [width, height] = [picture.width, picture.height].map((edge) => Math.trunc(edge * scale));
  return resizePicture(picture, Math.max(1, width), Math.max(1, height), resample);
}

/** The middle of a picture; black where it is smaller. */
function centre({ width, height, channels, data }: Picture, size: Size): Picture {
  const edge = 'shortest_edge' in size ? Number(size.shortest_edge) : 0;
  const [w, h] = 'height' in size ? [Number(size.width), Number(size.height)] : [edge, edge];
  const [left, top] = [Math.floor((width - w) / 2), Math.floor((height - h) / 2)];
  const out = new Uint8Array(w * h * channels);
  for (let y = Math.max(0, -top); y < Math.min(h, height - top); y++) {
    const [from, to] = [Math.max(0, left), Math.min(width, left + w)];
    const row = data.subarray(
      ((y + top) * width + from) * channels,
      ((y + top) * width + to) * channels,
    );
    out.set(row, (y * w + from - left) * channels);
  }
  return { width: w, height: h, channels, data: out };
}

/** [height, width, c] as [channels, height, width], grey and colour turned into each other. */
function planes({ width, height, channels, data }: Picture, wanted: number) {
  const pixels = width * height;
  const out = new Uint8Array(wanted * pixels);
  for (let p = 0; p < pixels; p++) {
    const [red, green, blue] = [0, 1, 2].map((c) => data[p * channels + Math.min(c, channels - 1)]);
    const grey = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    for (let c = 0; c < wanted; c++)
      out[c * pixels + p] = wanted === 1 ? grey : [red, green, blue][c % 3];
  }
  return { dims: [wanted, height, width], data: out };
}

function differing({ name }: PictureDataset, input: PictureInput): LatheError {
  return new LatheError(
    'picture-sizes',
    `The pictures of "${name}" differ in size, and neither the input "${input.name}" nor a preprocessor_config.json says which size the model takes; make them equally large, or put the preprocessor_config.json that was saved with the model beside it.`,
  );
}
