import type { Layer } from '../../../anatomy/types.ts';
import type { Encoded } from '../../../encodings/index.ts';
import type { Model } from '../../../onnx/types.ts';
import type { Refusal } from '../../contract.ts';
import type { EncoderMethod } from '../../encoder-method.ts';
import { formOf } from '../../requantize.ts';
import { gptq } from '../gptq/gptq.ts';
import { hqq } from '../hqq/hqq.ts';
import { qronos } from '../qronos/qronos.ts';
import { roundToNearest } from '../round-to-nearest/round-to-nearest.ts';
import { CHOOSABLE, WIDTHS, type MixedPrecisionOptions } from './meta.ts';

type Chosen = NonNullable<MixedPrecisionOptions['chosen']>[number];

/** What a layer is given. */
export type Level = Omit<Chosen, 'layers'>;

type Id = Level['method'];

/** The code of each method of `CHOOSABLE`: one that chooses values layer by layer, with `bits` and `blockSize`. */
const METHODS: Readonly<Record<Id, EncoderMethod<unknown>>> = {
  gptq,
  qronos,
  'round-to-nearest': roundToNearest,
  hqq,
};

/** Methods that correct what compressed layers before did, of which there are none while one is measured alone: by whom it is. */
const MEASURED_AS: Partial<Readonly<Record<Id, Id>>> = { qronos: 'gptq' };

/** The level that gives a layer's values while it is compressed alone. */
export function measuredLevel(level: Level): Level {
  return { ...level, method: MEASURED_AS[level.method] ?? level.method };
}

/** The method of a level. */
export function methodOf({ method }: Level): EncoderMethod<unknown> {
  return METHODS[method];
}

/** Ranges by what they do to the output, with scales and zero points coded tightly. */
const BY_OUTPUT = {
  ...{ symmetric: false, clip: 'output', order: 'blocks', refine: 4 },
  ...{ scales: '6 bits', zeros: 'packed' },
};
/** What "fitted" grids are for each method. */
const FITTED: Readonly<Record<Id, object>> = {
  gptq: BY_OUTPUT,
  qronos: BY_OUTPUT,
  'round-to-nearest': { symmetric: false, clip: 'mse' },
  hqq: {},
};

/** Options of a level's method: those it shares with the step, the rest at their defaults. Undefined where it has no such level. */
export function optionsOf(
  level: Level,
  { symmetric, scales, grids }: Pick<MixedPrecisionOptions, 'symmetric' | 'scales' | 'grids'>,
): unknown {
  const schema = methodOf(level).meta.options;
  const { bits, blockSize } = level;
  const fitted = grids === 'fitted' ? FITTED[level.method] : {};
  const shared = Object.entries({ bits, blockSize, symmetric, scales, ...fitted });
  const own = shared.filter(([name]) => Object.hasOwn(schema.shape, name));
  return schema.safeParse(Object.fromEntries(own)).data;
}

/** The form a layer takes at a level; or why it cannot. */
export function levelForm(
  layer: Layer,
  level: Level,
  options: MixedPrecisionOptions,
  model: Model,
): Encoded | Refusal {
  const { meta, encoder } = methodOf(level);
  const own = optionsOf(level, options);
  if (meta.accepts.includes(layer.op) && own !== undefined)
    return formOf({ meta, encoder }, layer, own, model);
  return { refused: `${meta.title} does not work on "${layer.name}", so it was left as it is.` };
}

/** What the options let a layer be given, methods in the order in which equals win. */
export function allLevels(options: MixedPrecisionOptions): readonly Level[] {
  const { methods, minBits, maxBits, blockSizes, grids } = options;
  const best: readonly Id[] = ['gptq', 'round-to-nearest'];
  const wanted = methods === 'best' ? best : [methods].flat();
  // Scales that are coded take so little that smaller blocks pay.
  const several = grids === 'fitted' ? ([16, 32, 64] as const) : ([32, 64, 128] as const);
  const blocks = blockSizes === 'several' ? several : [blockSizes].flat();
  return CHOOSABLE.filter((id) => wanted.includes(id)).flatMap((method) =>
    WIDTHS.filter((bits) => bits >= minBits && bits <= maxBits).flatMap((bits) =>
      blocks.map((blockSize) => ({ method, bits, blockSize })),
    ),
  );
}

/** A name for a level, equal where all that decides its values beside weight and data is. */
export function levelName(level: Level, options: MixedPrecisionOptions): string {
  return JSON.stringify([level.method, optionsOf(level, options)]);
}

/** The same for people. */
export function levelWords({ method, bits, blockSize }: Level): string {
  return `${methodOf({ method, bits, blockSize }).meta.title} ${bits} bits ${blockSize}`;
}
