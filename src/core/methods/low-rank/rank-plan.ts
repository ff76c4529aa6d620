import type { Layer } from '../../anatomy/types.ts';
import { standardOpset, type Place, type Product } from '../../encodings/index.ts';
import type { Model } from '../../onnx/types.ts';
import { bitsPerElement, DataType, dataTypeName } from '../../tensor/data-type.ts';
import type { Refusal } from '../contract.ts';
import { floatPlace, isRefusal } from '../site.ts';
import { breakEven, largestRank, rankForRatio, type Factored } from './break-even.ts';
import type { RankOptions } from './rank-options.ts';

/** The two factors a weight becomes, without values; or why it cannot, or should not. */
export function planFactors(layer: Layer, options: RankOptions, model: Model): Product | Refusal {
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  const problem = typeProblem(layer, place) ?? opsetProblem(layer, model, options);
  if (problem !== undefined) return { refused: problem };
  const factored = factoredOf(layer, place, options);
  const rank = rankOf(layer, factored, options);
  if (typeof rank !== 'number') return rank;
  if (rank > largestRank(factored)) return { refused: aboveBreakEven(layer, factored, rank) };
  const factor = { kind: 'plain', dataType: factorType(place, options) } as const;
  return { kind: 'product', rank, left: factor, right: factor };
}

/** Sizes of a layer's weight and of its factors' numbers. */
export function factoredOf(
  { outFeatures: rows, inFeatures: columns }: Layer,
  place: Place,
  options: Pick<RankOptions, 'factors'>,
): Factored {
  const weightBits = bitsPerElement(place.weight.dataType);
  return { rows, columns, weightBits, factorBits: bitsPerElement(factorType(place, options)) };
}

/** The type of the factors: float16 where it is asked for, and where the weight has no more. */
export function factorType({ weight }: Place, { factors }: Pick<RankOptions, 'factors'>): number {
  if (factors === 'float16' || weight.dataType === DataType.float16) return DataType.float16;
  return DataType.float32;
}

function rankOf(layer: Layer, factored: Factored, options: RankOptions): number | Refusal {
  const { ranks, rank, ratio, rankPerLayer } = options;
  if (ranks === 'fixed') return rank;
  if (ranks === 'ratio') return rankForRatio(factored, ratio);
  if (rankPerLayer === undefined) return Math.max(1, largestRank(factored));
  if (Object.hasOwn(rankPerLayer, layer.name)) return rankPerLayer[layer.name];
  return {
    refused: `"${layer.name}" was not there when the rank of each layer was decided, so it was left as it is; clear "rankPerLayer" to decide again.`,
  };
}

function aboveBreakEven({ name }: Layer, factored: Factored, rank: number): string {
  const { rows, columns } = factored;
  const limit = breakEven(factored);
  const least = largestRank(factored);
  const number = Number.isInteger(limit) ? `${limit}` : limit.toFixed(1);
  const remedy =
    least < 1 ? 'it cannot be stored smaller this way' : `choose a rank of at most ${least}`;
  return `"${name}" is ${rows}×${columns}, and two factors take fewer bytes only below rank ${number} (break-even); rank ${rank} would save nothing, so it was left as it is: ${remedy}.`;
}

/** What factors can be computed in. */
const TYPES: readonly number[] = [DataType.float32, DataType.float16];

export function typeProblem({ name }: Layer, { elementType, weight }: Place): string | undefined {
  const odd = [elementType, weight.dataType].find((type) => !TYPES.includes(type));
  if (odd === undefined) return undefined;
  return `"${name}" computes in ${dataTypeName(odd) ?? 'an unknown type'}, and factors are stored as float32 or float16 only: convert the model to float32 first.`;
}

/** Values of another type than the graph's are cast, which every operator set of this program's can. */
function opsetProblem(
  { name }: Layer,
  model: Model,
  { factors }: Pick<RankOptions, 'factors'>,
): string | undefined {
  const opset = standardOpset(model);
  if (factors !== 'float16' || opset >= 9) return undefined;
  return `"${name}" is in a model of operator set ${opset}, and float16 factors need 9 or newer: export the model again with a newer operator set.`;
}
