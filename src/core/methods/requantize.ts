import type { Layer } from '../anatomy/types.ts';
import {
  describeStored,
  openStored,
  storedWeightOf,
  storedWeights,
  vectorOf,
  type Encoded,
  type Shape,
  type StoredWeight,
} from '../encodings/index.ts';
import type { Model } from '../onnx/types.ts';
import { bitsPerElement } from '../tensor/data-type.ts';
import type { Encoder, MethodMeta, Refusal } from './contract.ts';
import { isRefusal } from './site.ts';

/**
 * The form a layer's weight takes, as `encoder.form` says; one stored as codes is looked at as the plain weight
 * that they stand for. Refused where that would only store codes in more bits.
 */
export function formOf<Options>(
  { meta, encoder }: { readonly meta: MethodMeta; readonly encoder: Encoder<Options> },
  layer: Layer,
  options: Options,
  model: Model,
): Encoded | Refusal {
  const stored = encoder.decodes === true ? undefined : storedWeightOf(model, layer);
  if (stored === undefined) return encoder.form(layer, options, model);
  const form = encoder.form(layer, options, allOpen(model));
  if (isRefusal(form)) return form;
  const width = widthOf(form, { rows: layer.outFeatures, columns: layer.inFeatures });
  return width > stored.bits ? wider(meta, layer, stored, width) : form;
}

/** Models are immutable, so each is opened once however many layers ask. */
const open = new WeakMap<Model, Model>();

function allOpen(model: Model): Model {
  const before = open.get(model);
  if (before !== undefined) return before;
  const made = openStored(model, [...storedWeights(model).values()]);
  open.set(model, made);
  return made;
}

/** Bits that a weight takes for each of its numbers, scales not counted. */
function widthOf(form: Encoded, shape: Shape): number {
  switch (form.kind) {
    case 'plain':
      return bitsPerElement(form.dataType);
    case 'coded':
      return form.bits / vectorOf(form);
    case 'product': {
      const { rank, left, right } = form;
      const { rows, columns } = shape;
      return (rank / columns) * widthOf(left, shape) + (rank / rows) * widthOf(right, shape);
    }
    case 'kronecker': {
      const { count, left, right } = form;
      const block = form.rows * form.columns;
      const share = block / (shape.rows * shape.columns);
      return count * (share * widthOf(left, shape) + widthOf(right, shape) / block);
    }
    case 'sum':
      return form.parts.reduce((sum, part) => sum + widthOf(part, shape), 0);
    case 'masked':
      return widthOf(form.values, shape);
    case 'sparse': {
      const kept = { rows: 1, columns: form.keep };
      return (
        (form.keep / (shape.rows * shape.columns)) * (form.gapBits + widthOf(form.values, kept))
      );
    }
    case 'scaled':
      return widthOf(form.of, shape);
    case 'split': {
      const share = form.columns.length / shape.columns;
      return share * widthOf(form.kept, shape) + (1 - share) * widthOf(form.rest, shape);
    }
  }
}

function wider(
  { title }: MethodMeta,
  { name }: Layer,
  stored: StoredWeight,
  width: number,
): Refusal {
  return {
    refused: `"${name}" is already quantized (${describeStored(stored)}), and ${title} would store it in ${Number(width.toFixed(1))} bits per weight, which is larger and no better, so it was left as it is; dequantize it first to work on it anyway.`,
  };
}

/** What a plan and its report say of layers that were quantized before; `cutsOwn` where what the method itself wrote is cut. */
export function requantizedWarning(
  model: Model,
  layers: readonly Layer[],
  cutsOwn = false,
): string | undefined {
  const before = layers.flatMap((layer) => storedWeightOf(model, layer) ?? []);
  if (before.length === 0) return undefined;
  const bits = [...new Set(before.map((stored) => stored.bits))].sort((a, b) => a - b);
  const widths = new Intl.ListFormat('en').format(bits.map((b) => `${b}-bit`));
  const which = before.length === 1 ? '1 layer was' : `${before.length} layers were`;
  const rounds = before.some(({ roundsInput }) => roundsInput)
    ? ' Their inputs are no longer rounded to 8 bits.'
    : '';
  const said = cutsOwn
    ? 'codes that this method wrote are cut as they are, but to any others errors add up, so the original model would give a better result'
    : 'errors add up, so the original model would give a better result';
  return `${which} already ${widths} before this step; ${said}.${rounds}`;
}
