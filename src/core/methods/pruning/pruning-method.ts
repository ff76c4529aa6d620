import type { Layer } from '../../anatomy/types.ts';
import { sizeOf } from '../../onnx/size.ts';
import type { Encoder, Method, MethodMeta, StepPlan } from '../contract.ts';
import { encoderMethod, type EncoderMethod } from '../encoder-method.ts';
import { formOf } from '../requantize.ts';
import { isRefusal } from '../site.ts';
import type { PruningOptions, RatioOptions } from './pruning-options.ts';
import { decideRatios, ratiosAreOpen } from './ratios/decide.ts';

/** Room for the decided shares in the file's own copy of its recipe, and for counts that are rounded row by row. */
const ROOM = 1 << 16;

/** Another decision of a method's own. */
export interface OwnDecision<O> {
  isOpen(options: O): boolean;
  decide: NonNullable<Method<O>['decide']>;
}

/** A method that prunes layer by layer, whose layers may lose unequal shares. */
export function pruningMethod<O extends RatioOptions>(
  meta: MethodMeta,
  encoder: Encoder<O>,
  own?: OwnDecision<O>,
): EncoderMethod<O> {
  const method = encoderMethod<O>(meta, encoder);
  return {
    ...method,
    plan: async (ground, targets, options, context) => {
      const plan = await method.plan(ground, targets, options, context);
      const open = ratiosAreOpen(options) || own?.isOpen(options) === true;
      const said = withZeros(plan, options);
      return open ? { ...said, atMost: mostBytes(said) } : said;
    },
    decide: async (ground, targets, options, ask) => {
      if (own?.isOpen(options) === true) return own.decide(ground, targets, options, ask);
      const able = targets.filter(
        (layer) => !isRefusal(formOf({ meta, encoder }, layer, options, ground.model)),
      );
      return decideRatios(meta, able, options, ask);
    },
  };
}

function mostBytes({ model, lines }: StepPlan): number {
  const rows = lines.reduce((sum, { layer }) => sum + layer.outFeatures, 0);
  const names = lines.reduce((sum, { layer }) => sum + 4 * (layer.name.length + 16), 0);
  return sizeOf(model).totalBytes + ROOM + 4 * rows + names;
}

/** Zeros and bytes are two numbers: where the zeros are stored as such, the plan says both. */
export function withZeros(plan: StepPlan, { store }: Pick<PruningOptions, 'store'>): StepPlan {
  if (store === undefined || plan.lines.length === 0) return plan;
  return { ...plan, warnings: [...(plan.warnings ?? []), zerosSentence(plan)] };
}

function zerosSentence({ lines }: StepPlan): string {
  const packed = lines.filter(({ encoded }) => encoded?.kind === 'masked');
  const zeros = packed.reduce((sum, { layer, encoded }) => {
    return sum + weightsOf(layer) - (encoded?.kind === 'masked' ? encoded.keep : 0);
  }, 0);
  const total = packed.reduce((sum, { layer }) => sum + weightsOf(layer), 0);
  const before = packed.reduce((sum, { bytesBefore }) => sum + bytesBefore, 0);
  const after = packed.reduce((sum, { bytesAfter }) => sum + bytesAfter, 0);
  const which = `${packed.length} of ${lines.length} layers are stored sparse`;
  if (packed.length === 0) return `${which}: dense takes fewer bytes for all of them.`;
  const share = ((100 * zeros) / total).toFixed(1);
  return `${which}: ${share} % of their weights are zero, and they take ${after} bytes instead of ${before}.`;
}

function weightsOf({ outFeatures, inFeatures }: Layer): number {
  return outFeatures * inFeatures;
}
