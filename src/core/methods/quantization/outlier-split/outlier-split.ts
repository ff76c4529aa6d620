import type { z } from 'zod';
import type { Layer } from '../../../anatomy/types.ts';
import { isPlainProduct, requireKind, type Encoded, type Split } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { Model } from '../../../onnx/types.ts';
import { inputOf, looksAtInputs } from '../../../statistics/look.ts';
import type { Ground, LayerWeight, Method, Oracle, Refusal } from '../../contract.ts';
import { encoderMethod, type EncoderMethod } from '../../encoder-method.ts';
import { tiedLookUps } from '../../tied-look-ups.ts';
import { floatPlace, isRefusal } from '../../site.ts';
import { int8Codes, planInt8 } from '../int8-weight.ts';
import { tiesTogether } from '../uniform-options.ts';
import { mostColumns, outlierColumns } from './choose-columns.ts';
import { meta, type options as schema } from './meta.ts';

export type OutlierSplitOptions = z.infer<typeof schema>;

const ROUNDS = { operator: 'DynamicQuantizeLinear', opset: 11 };

const encoder: EncoderMethod<OutlierSplitOptions>['encoder'] = {
  ties: tiesTogether,
  takesLookUps: true,
  form: planSplit,
  input: () => ({ kind: 'dynamic' }),
  encode: async (weight, planned, _seen, options, { signal }) => {
    throwIfCancelled(signal);
    const made =
      planned.kind === 'split'
        ? splitCodes(weight, planned, options)
        : int8Codes(weight, planned, options);
    return { encoded: made, input: { kind: 'dynamic' } };
  },
};

const encoded = encoderMethod<OutlierSplitOptions>(meta, encoder);

/** Until channels are chosen the plan keeps as many as there may be: the file takes at most that. */
const plan: Method<OutlierSplitOptions>['plan'] = async (ground, targets, options, context) => {
  const tied = tiedProducts(ground.model, targets, options);
  const given = options.columns ?? firstColumns(products(targets), options);
  const columns = { ...given, ...noColumns(tied) };
  const made = await encoded.plan(ground, targets, { ...options, columns }, context);
  if (made.work.length === 0) return made;
  const warnings = [...(made.warnings ?? []), ...tied.map(wholeSentence)];
  const undecided = options.columns === undefined && Object.keys(columns).length > 0;
  return {
    ...made,
    ...(warnings.length > 0 && { warnings }),
    ...(undecided && { undecided: answerBytes(columns) }),
  };
};

/**
 * LLM.int8() (Dettmers et al. 2022): Y = X[:,O]·W[:,O]ᵀ + int8(X[:,¬O])·int8(W[:,¬O])ᵀ, O the channels in which outliers were seen. O is
 * chosen once for each input and written into the options; without O for a layer it is Dynamic int8.
 */
export const outlierSplit: EncoderMethod<OutlierSplitOptions> = { meta, encoder, plan, decide };

type Columns = NonNullable<OutlierSplitOptions['columns']>;

/** Look-ups multiply nothing, so nothing is seen of them. */
function products(targets: readonly Layer[]): readonly Layer[] {
  return targets.filter(({ op }) => op !== 'Gather');
}

/**
 * Products whose table look-ups read, too. WHY their channels stay together: what is stored once for both is no integer product, so
 * all of its input would be rounded, and columns apart would gain nothing.
 */
function tiedProducts(
  model: Model,
  targets: readonly Layer[],
  options: OutlierSplitOptions,
): readonly Layer[] {
  return tiesTogether(options) ? [...new Set(tiedLookUps(model, targets).values())] : [];
}

function noColumns(layers: readonly Layer[]): Columns {
  return Object.fromEntries(layers.map(({ input }) => [input, []]));
}

function wholeSentence({ name }: Layer): string {
  return `The table of "${name}" is looked up in as well, so it is stored once and rounded as a whole, and no channels of "${name}" are computed in float; with "tied" set to "apart" it gets a table of its own, split as the others are.`;
}

/** The first channels of each input, as many as may be chosen. */
function firstColumns(targets: readonly Layer[], { ratio }: OutlierSplitOptions): Columns {
  return Object.fromEntries(
    targets.map(({ input, inFeatures }) => [
      input,
      Array.from({ length: mostColumns(inFeatures, ratio) }, (_, j) => j),
    ]),
  );
}

/** A number of a channel with its comma. */
const NUMBER_BYTES = '65535,'.length;
const UTF8 = new TextEncoder();

function answerBytes(columns: Columns): number {
  const each = Object.entries(columns).map(
    ([value, { length }]) =>
      UTF8.encode(JSON.stringify(value)).length + ':[],'.length + length * NUMBER_BYTES,
  );
  return each.reduce((a, b) => a + b, '"columns":{},'.length);
}

async function decide(
  { model }: Ground,
  targets: readonly Layer[],
  options: OutlierSplitOptions,
  ask: Oracle<OutlierSplitOptions>,
): Promise<OutlierSplitOptions | undefined> {
  if (options.columns !== undefined) return undefined;
  const able = products(targets).filter((layer) => !isRefusal(encoder.form(layer, options, model)));
  if (able.length === 0) return undefined;
  const seen = await ask.seen(looksAtInputs(able, ['maxima', 'norms']));
  const columns = noColumns(tiedProducts(model, targets, options));
  for (const layer of able) {
    if (Object.hasOwn(columns, layer.input)) continue;
    const maxima = seen.at(inputOf(layer), 'maxima');
    const norms = seen.at(inputOf(layer), 'norms');
    columns[layer.input] =
      maxima && norms
        ? outlierColumns({ maxima: maxima.values, norms: norms.values, rows: norms.rows }, options)
        : [];
  }
  ask.note({ sentences: [sentenceOf(columns, able)], tables: [] });
  return { ...options, columns };
}

function sentenceOf(columns: Columns, layers: readonly Layer[]): string {
  const widths = new Map(layers.map(({ input, inFeatures }) => [input, inFeatures]));
  const counts = Object.values(columns).map(({ length }) => length);
  const total = [...widths.values()].reduce((a, b) => a + b, 0);
  const some = counts.filter((count) => count > 0).length;
  const apart = counts.reduce((a, b) => a + b, 0);
  return `${some} of ${counts.length} inputs have outliers: ${apart} of ${total} channels are computed in float.`;
}

function planSplit(layer: Layer, options: OutlierSplitOptions, model: Model): Encoded | Refusal {
  const coded = planInt8(layer, options, model, ROUNDS);
  const place = floatPlace(model, layer);
  if (isRefusal(coded) || layer.op === 'Gather') return coded;
  if (isRefusal(place)) return place;
  const columns = columnsOf(layer, options);
  if (!Array.isArray(columns)) return columns;
  if (!isPlainProduct(place.node))
    return {
      refused: `"${layer.name}" is a Gemm with a factor or a turned input of its own, which cannot be multiplied in two parts, so it was left as it is.`,
    };
  if (columns.length === 0) return coded;
  return {
    kind: 'split',
    columns,
    kept: { kind: 'plain', dataType: place.weight.dataType },
    rest: { ...coded, groupSize: layer.inFeatures - columns.length },
  };
}

function columnsOf(
  { name, input, inFeatures }: Layer,
  { columns: chosen }: OutlierSplitOptions,
): number[] | Refusal {
  if (chosen === undefined) return [];
  if (!Object.hasOwn(chosen, input)) {
    return {
      refused: `"${name}" reads "${input}", whose outliers were not chosen with the others, so it was left as it is; clear "columns" to choose again.`,
    };
  }
  const columns = chosen[input];
  const ascending = columns.every((j, i) => j < inFeatures && (i === 0 || columns[i - 1] < j));
  if (ascending && columns.length < inFeatures) return columns;
  return {
    refused: `"columns" names channels of "${input}" that are not in ascending order or not among its ${inFeatures}, so "${name}" was left as it is; clear "columns" to choose again.`,
  };
}

function splitCodes(weight: LayerWeight, planned: Split, options: OutlierSplitOptions): Split {
  const { layer, values } = weight;
  const { columns, kept, rest } = planned;
  const { outFeatures: rows, inFeatures } = layer;
  const apart = new Set(columns);
  const others = Array.from({ length: inFeatures }, (_, j) => j).filter((j) => !apart.has(j));
  const part = (which: readonly number[]): Float32Array => {
    const made = new Float32Array(rows * which.length);
    for (let r = 0; r < rows; r++) {
      which.forEach((j, at) => (made[r * which.length + at] = values[r * inFeatures + j]));
    }
    return made;
  };
  const narrow = { layer: { ...layer, inFeatures: others.length }, values: part(others) };
  return {
    ...planned,
    kept: { ...requireKind(kept, 'plain'), values: part(columns) },
    rest: int8Codes(narrow, rest, options),
  };
}
