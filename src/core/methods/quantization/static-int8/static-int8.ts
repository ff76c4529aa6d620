import type { z } from 'zod';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Layer } from '../../../anatomy/types.ts';
import { inputOf, looksAtInputs } from '../../../statistics/look.ts';
import type { Seen } from '../../../statistics/seen.ts';
import type { Ground, Method, Oracle } from '../../contract.ts';
import { encoderMethod, type EncoderMethod } from '../../encoder-method.ts';
import { isRefusal } from '../../site.ts';
import { int8Codes, planInt8 } from '../int8-weight.ts';
import { tiesTogether } from '../uniform-options.ts';
import {
  gridCovering,
  type CoveredRange as Range,
} from '../../../statistics/histogram/round-histogram.ts';
import { rangeOf } from './ranges.ts';
import { meta, type options as schema } from './meta.ts';

export type StaticInt8Options = z.infer<typeof schema>;

const ROUNDS = { operator: 'QuantizeLinear', opset: 10 };

const encoder: EncoderMethod<StaticInt8Options>['encoder'] = {
  ties: tiesTogether,
  takesLookUps: true,
  form: (layer, options, model) => planInt8(layer, options, model, ROUNDS),
  input: () => ({ kind: 'static' }),
  encode: async (weight, planned, _seen, options, { signal }) => {
    throwIfCancelled(signal);
    const encoded = int8Codes(weight, planned, options);
    const range = options.ranges?.[weight.layer.input];
    // A picture of the weight needs no range; the file does.
    if (range === undefined) return { encoded };
    return { encoded, input: { kind: 'static', grid: gridCovering(range) } };
  },
};

const encoded = encoderMethod<StaticInt8Options>(meta, encoder);

/** A name, and two numbers of at most 13 signs each, as JSON. */
const RANGE_BYTES = '"":[-1.23456e-10,1.23456e-10],'.length;
const UTF8 = new TextEncoder();

const plan: Method<StaticInt8Options>['plan'] = async (ground, targets, options, context) => {
  const made = await encoded.plan(ground, targets, options, context);
  const products = made.lines.map(({ layer }) => layer).filter(({ op }) => op !== 'Gather');
  const values = new Set(missing(products, options));
  if (values.size === 0) return made;
  const names = [...values].map((value) => UTF8.encode(JSON.stringify(value)).length + RANGE_BYTES);
  return { ...made, undecided: names.reduce((a, b) => a + b, '"ranges":{},'.length) };
};

/**
 * y ≈ s_x·s_w·Σ (q_x − z_x)·q_w with s_x and z_x fixed: x̂ = s_x·(clamp(⌊x / s_x⌉ + z_x, 0, 255) − z_x) covers [α, β], which
 * calibration chooses once for each value. The ranges are options: a recipe with all of them needs no data, and of one with some
 * the others are decided.
 */
export const staticInt8: EncoderMethod<StaticInt8Options> = {
  ...{ meta, encoder, plan, decide },
  automaticRange: (histogram, options) =>
    options.calibrate === 'moving-average'
      ? undefined
      : rangeOf(histogram, { ...options, kind: options.calibrate }),
};

async function decide(
  ground: Ground,
  targets: readonly Layer[],
  options: StaticInt8Options,
  ask: Oracle<StaticInt8Options>,
): Promise<StaticInt8Options | undefined> {
  const able = targets.filter(
    (layer) => layer.op !== 'Gather' && !isRefusal(encoder.form(layer, options, ground.model)),
  );
  const open = new Set(missing(able, options));
  if (able.length === 0 || (options.ranges !== undefined && open.size === 0)) return undefined;
  const take = options.calibrate === 'moving-average' ? 'moving range' : 'histogram';
  const asked = able.filter(({ input }) => open.has(input));
  const seen = await ask.seen(looksAtInputs(asked, [take]));
  const ranges: Record<string, [number, number]> = { ...options.ranges };
  for (const layer of asked) {
    const range = seenRange(seen, layer, options);
    ranges[layer.input] = widest(range, ranges[layer.input]);
  }
  return { ...options, ranges };
}

/** Values that layers read and of which no range is given. */
function missing(layers: readonly Layer[], { ranges = {} }: StaticInt8Options): readonly string[] {
  return layers.flatMap(({ input }) => (Object.hasOwn(ranges, input) ? [] : [input]));
}

function seenRange(seen: Seen, layer: Layer, options: StaticInt8Options): Range {
  if (options.calibrate === 'moving-average') {
    const { minimum, maximum } = seen.at(inputOf(layer), 'moving range') ?? {
      minimum: 0,
      maximum: 0,
    };
    return [minimum, maximum];
  }
  const histogram = seen.at(inputOf(layer), 'histogram');
  return histogram === undefined
    ? [0, 0]
    : rangeOf(histogram, { ...options, kind: options.calibrate });
}

/** A Conv and a MatMul may read different rows of one value, which is rounded once. Six digits, as a recipe is read. */
function widest([low, high]: Range, before: Range = [0, 0]): [number, number] {
  const short = (value: number): number => Number(value.toPrecision(6));
  return [Math.min(short(low), before[0]), Math.max(short(high), before[1])];
}
