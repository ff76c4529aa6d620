import type { z } from 'zod';
import type { Pictured, UniformPictured } from '../../src/core/kernels/preview.ts';
import { decodeWeight, isPlainNumbers, levelsOf } from '../../src/core/encodings/index.ts';
import { LatheError } from '../../src/core/errors/lathe-error.ts';
import type { LayerWeight, Refusal } from '../../src/core/methods/contract.ts';
import { options as roundingOptions } from '../../src/core/methods/quantization/round-to-nearest/meta.ts';
import { roundToNearest } from '../../src/core/methods/quantization/round-to-nearest/round-to-nearest.ts';
import {
  planUniform,
  type UniformChoice,
} from '../../src/core/methods/quantization/uniform-plan.ts';
import { isRefusal } from '../../src/core/methods/site.ts';
import { nothingSeen } from '../../src/core/statistics/seen.ts';
import { seededRandom } from '../../src/core/random/seeded.ts';
import { DataType } from '../../src/core/tensor/data-type.ts';
import { float32ToHalf, halfToFloat32 } from '../../src/core/tensor/half.ts';
import type { Preview, PreviewRequest } from '../protocol.ts';
import { pictureOf, type Subject } from './pictures.ts';
import { standIn, type StandIn } from './stand-in.ts';

type OneGrid = UniformChoice & Pick<z.infer<typeof roundingOptions>, 'clip'>;

/** The picture after a method, and the values that the first group of the weight can take. */
interface After extends Pictured {
  readonly grid?: Float32Array;
}

/** Pictures of one layer before and after a method, with the errors that need no data. */
export async function previewLayer(
  subject: Subject,
  request: PreviewRequest,
): Promise<Omit<Preview, 'milliseconds'>> {
  const { frame, weight, signal, before } = subject;
  const { rows, columns, heatRows, heatColumns, minimum, maximum } = frame;
  const { method, options, note } = standIn(request.method, request.options);
  const rounding = method.meta.id === roundToNearest.meta.id ? options : undefined;
  const after = oneGrid(rounding, subject) ?? (await compressed(subject, method, options));
  const relativeError = signal === 0 ? 0 : after.squaredError / signal;
  return {
    sequence: request.sequence,
    layer: weight.layer.name,
    ...{ rows, columns, heatRows, heatColumns, minimum, maximum, before },
    after: pictureOf(after),
    ...(after.grid && { grid: after.grid }),
    relativeError,
    sqnr: relativeError === 0 ? Infinity : -10 * Math.log10(relativeError),
    zeros: after.zeros,
    ...(note !== undefined && { note }),
  };
}

/**
 * Rounding to nearest has a kernel that does it, compares and pictures in one pass; undefined where another method
 * is shown, or bits that were decided by layer.
 */
function oneGrid(given: unknown, subject: Subject): After | undefined {
  if (given === undefined) return undefined;
  const options = roundingOptions.parse(given);
  const { bits } = options;
  return bits === 'auto' ? undefined : rounded(subject, { ...options, bits });
}

function rounded({ model, weight, resident }: Subject, options: OneGrid): After {
  const { bits, clip } = options;
  const planned = formOrThrow(planUniform(weight.layer, options, model));
  const { scales } = planned;
  const halfScales = scales && isPlainNumbers(scales) && scales.dataType === DataType.float16;
  const pictured = resident.uniform({
    bits,
    clip,
    range: options.symmetric ? 'signed-max' : 'minmax',
    groupSize: planned.groupSize,
    wholeTensor: planned.granularity === 'tensor',
    ...(halfScales && { store: (scales) => halfToFloat32(float32ToHalf(scales, true)) }),
  });
  return { ...pictured, grid: levels(pictured, bits) };
}

/** Any other method runs as it would in a recipe. */
async function compressed(
  { model, weight, resident, frame }: Subject,
  { encoder }: StandIn['method'],
  options: unknown,
): Promise<After> {
  const context = { random: seededRandom(0, 'preview') };
  const form = formOrThrow(encoder.form(weight.layer, options, model));
  const prepared = (await encoder.prepare?.(only(weight), options, context)) ?? options;
  const { encoded } = await encoder.encode(weight, form, nothingSeen, prepared, context);
  const shown = decodeWeight(encoded, frame.rows, frame.columns);
  const grid = levelsOf(encoded);
  return { ...resident.dense(shown), ...(grid && { grid }) };
}

/** What a recipe leaves alone with a reason cannot be shown. Throws `layer-refused`. */
function formOrThrow<T extends object>(form: T | Refusal): T {
  if (isRefusal(form)) throw new LatheError('layer-refused', form.refused);
  return form;
}

function only(weight: LayerWeight): () => AsyncGenerator<LayerWeight> {
  return async function* () {
    yield weight;
  };
}

function levels({ scale, zero }: Pick<UniformPictured, 'scale' | 'zero'>, bits: number) {
  return Float32Array.from({ length: 2 ** bits }, (_, code) => scale * (code - zero));
}
