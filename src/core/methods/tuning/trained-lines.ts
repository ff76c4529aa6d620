import type { Layer } from '../../anatomy/types.ts';
import type { Model } from '../../onnx/types.ts';
import type { PlannedLine } from '../contract.ts';
import { storedBytes } from '../stored-bytes.ts';

/** Lines of layers whose own weights come out trained: as many bytes as they take in each model. */
export function trainedLines(
  before: Model,
  after: Model,
  layers: readonly Layer[],
): readonly PlannedLine[] {
  const [old, now] = [storedBytes(before, layers), storedBytes(after, layers)];
  return layers.map((layer) => ({
    layer,
    bytesBefore: old.get(layer.output) ?? 0,
    bytesAfter: now.get(layer.output) ?? 0,
  }));
}
