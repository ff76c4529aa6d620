import type { Layer } from '../../anatomy/types.ts';
import { type Coded, type Numbers, type Table } from '../../encodings/index.ts';
import type { Model } from '../../onnx/types.ts';
import type { Refusal } from '../contract.ts';
import { floatPlace, isRefusal } from '../site.ts';
import { siteProblem } from './uniform-plan.ts';

/** The part of a method's options that decides how codes of a table are stored. */
export interface TableChoice {
  readonly bits: Coded['bits'];
  readonly grid: Table;
  readonly blockSize: number | 'channel' | 'tensor';
  /** Scales of so many blocks; none when absent. */
  readonly scales?: (count: number) => Numbers;
  readonly zeros?: Numbers;
}

/** The codes a weight becomes in this model, without values; or why it cannot. */
export function planTable(layer: Layer, choice: TableChoice, model: Model): Coded | Refusal {
  const place = floatPlace(model, layer);
  if (isRefusal(place)) return place;
  const { bits, grid, blockSize, scales, zeros } = choice;
  const { outFeatures: rows, inFeatures: columns } = layer;
  const block = typeof blockSize === 'number';
  const groupSize = block ? Math.min(blockSize, columns) : columns;
  const count = blockSize === 'tensor' ? 1 : rows * Math.ceil(columns / groupSize);
  const coded: Coded = {
    ...{ kind: 'coded', bits, grid, groupSize },
    granularity: block ? 'block' : blockSize,
    ...(scales && { scales: scales(count) }),
    ...(zeros && { zeros }),
  };
  const refused = siteProblem(layer, model, coded, place.elementType);
  return refused === undefined ? coded : { refused };
}
