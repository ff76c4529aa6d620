import type { EncodedLayer, EncodedWeight, UniformFormat } from '../encoding.ts';
import type { GraphIndex } from '../../onnx/graph/index-graph.ts';
import { requirePlace, type Place } from './place.ts';

/** One encoded weight and every layer that reads it. */
export interface Unit {
  readonly encoded: EncodedWeight;
  readonly places: readonly Place[];
  /** The formats the layers' own encodings name, one per place. */
  readonly formats: readonly (UniformFormat | undefined)[];
}

interface OpenUnit extends Unit {
  readonly places: Place[];
  readonly formats: (UniformFormat | undefined)[];
}

/**
 * Groups layers that read the same initializer and hold the same encoded values
 * (`EncodedWeight.shareable`), so that a tied weight is stored once. Order: first layer first.
 */
export function storageUnits(index: GraphIndex, layers: readonly EncodedLayer[]): Unit[] {
  const units = new Map<string, OpenUnit>();
  layers.forEach(({ layer, encoded }, i) => {
    const place = requirePlace(index, layer);
    const key = encoded.shareable ? `${place.weight.name}\n${signature(encoded)}` : `\n${i}`;
    const unit = units.get(key);
    const format = encoded.kind === 'uniform' ? encoded.format : undefined;
    if (unit) {
      unit.places.push(place);
      unit.formats.push(format);
    } else {
      units.set(key, { encoded, places: [place], formats: [format] });
    }
  });
  return [...units.values()];
}

/** What makes two encodings of the same values the same; the format may differ by operator. */
function signature(encoded: EncodedWeight): string {
  if (encoded.kind !== 'uniform') return encoded.kind;
  const { bits, granularity, groupSize, symmetric, scaleType } = encoded;
  return [bits, granularity, groupSize, symmetric, scaleType].join(' ');
}
