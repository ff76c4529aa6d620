import type { GatedPart } from '../../core/ablation/gated-parts.ts';
import type { Ablation, Replacement } from '../../core/ablation/types.ts';
import { LatheError } from '../../core/errors/lathe-error.ts';
import type { Tensor } from '../../core/onnx/types.ts';
import { elementCount } from '../../core/tensor/data-type.ts';
import { viewAs } from '../../core/tensor/view-as.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { Feeds } from '../values.ts';

/** What weights hold in the model itself, once read. */
export type OwnWeights = Map<Tensor, Value>;

/** What an ablation gives a weight; undefined where it leaves it as it is. */
export function replacementOf({ replaced }: Ablation, weight: string): Replacement | undefined {
  return replaced?.find((own) => own.weight === weight);
}

/** The weights of a part under one ablation: replaced, or as they are. Throws `ablation-weight`. */
export async function weightFeeds(
  { weights }: GatedPart,
  ablation: Ablation,
  own: OwnWeights,
): Promise<Feeds> {
  const feeds: Record<string, Value> = {};
  for (const tensor of weights) {
    const replacement = replacementOf(ablation, tensor.name);
    feeds[tensor.name] =
      replacement === undefined ? await ownValue(tensor, own) : await given(tensor, replacement);
  }
  return feeds;
}

async function ownValue(tensor: Tensor, known: OwnWeights): Promise<Value> {
  const before = known.get(tensor);
  if (before !== undefined) return before;
  const { dataType, dims, data } = tensor;
  const value = { dataType, dims, data: viewAs(dataType, await data.read()) };
  known.set(tensor, value);
  return value;
}

async function given({ name, dataType, dims }: Tensor, replacement: Replacement): Promise<Value> {
  const data = await replacement.values();
  if (data.length === elementCount(dims)) return { dataType, dims, data };
  throw new LatheError(
    'ablation-weight',
    `The weight "${name}" was to be given ${data.length} other values, and it holds ${elementCount(dims)}; give it as many.`,
    { weight: name },
  );
}
