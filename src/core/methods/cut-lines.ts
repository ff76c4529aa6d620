import type { Piece } from '../cuts/plan.ts';
import { placeOf } from '../encodings/index.ts';
import type { Ground, PlannedLine, Recognised } from './contract.ts';
import { storedBytes } from './stored-bytes.ts';

/** The layers whose weight gets shorter: edits keep a layer's output, so it is found again in what goes on. */
export function cutLines(
  ground: Ground,
  after: Recognised,
  pieces: readonly Piece[],
): readonly PlannedLine[] {
  const cut = new Set(pieces.map(({ tensor }) => tensor));
  const layers = ground.anatomy.layers.filter((layer) =>
    cut.has(placeOf(ground.model, layer)?.weight.name ?? ''),
  );
  const before = storedBytes(ground.model, layers);
  const now = storedBytes(after.model, after.anatomy.layers);
  return layers.map((layer) => ({
    layer,
    bytesBefore: before.get(layer.output) ?? 0,
    bytesAfter: now.get(layer.output) ?? 0,
  }));
}
