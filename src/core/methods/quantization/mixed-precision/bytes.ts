import type { Layer } from '../../../anatomy/types.ts';
import { encodedLength } from '../../../onnx/write.ts';
import type { Ground, Oracle, StepPlan } from '../../contract.ts';
import { storedBytes } from '../../stored-bytes.ts';
import type { Part } from './candidates.ts';
import type { Level } from './choosable.ts';
import type { MixedPrecisionOptions } from './meta.ts';

/**
 * Bytes of each part at each level, from one plan per level with all parts in it that can take it: what the plan says of the
 * weight, and an equal share of what the graph grows by beside the weights (nodes that unpack).
 */
export async function bytesAtLevels(
  { model }: Ground,
  parts: readonly (readonly [Part, readonly Level[]])[],
  levels: readonly Level[],
  options: MixedPrecisionOptions,
  ask: Pick<Oracle<MixedPrecisionOptions>, 'plan'>,
): Promise<(part: Part, level: Level) => number> {
  const found = new Map<Level, (layer: Layer) => number>();
  for (const level of levels) {
    const layers = parts.flatMap(([part, able]) => (able.includes(level) ? part.layers : []));
    if (layers.length === 0) continue;
    const chosen = [{ ...level, layers: layers.map(({ name }) => name) }];
    found.set(level, bytesIn(await ask.plan({ ...options, chosen }), model, layers));
  }
  return (part, level) => {
    const of = found.get(level);
    return part.layers.reduce((sum, layer) => sum + (of?.(layer) ?? 0), 0);
  };
}

function bytesIn(
  { model, lines }: StepPlan,
  before: Ground['model'],
  layers: readonly Layer[],
): (layer: Layer) => number {
  const bytes = new Map(lines.map(({ layer, bytesAfter }) => [layer.output, bytesAfter]));
  const was = [...storedBytes(before, layers).values()].reduce((sum, own) => sum + own, 0);
  const is = lines.reduce((sum, { bytesAfter }) => sum + bytesAfter, 0);
  const grown = encodedLength(model) - encodedLength(before) - (is - was);
  return ({ output }) => (bytes.get(output) ?? 0) + grown / layers.length;
}

/** Bytes of a part that is left as it is. */
export function bytesLeft(model: Ground['model'], { layers }: Part): number {
  return [...storedBytes(model, layers).values()].reduce((sum, own) => sum + own, 0);
}
