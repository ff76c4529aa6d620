import { ownersOf } from '../../../cuts/fill.ts';
import type { CutGroup } from '../../../cuts/group.ts';
import { repeated } from '../../../cuts/labels.ts';
import type { Piece } from '../../../cuts/plan.ts';
import { placeOf } from '../../../encodings/index.ts';
import type { Ground } from '../../contract.ts';
import { readWeight } from '../../weight.ts';
import type { Coupled } from './units.ts';

/** The weights that lose rows with the members of a group: what makes the values that its readers multiply. */
export async function coupledWeights(
  { model, anatomy }: Ground,
  group: CutGroup,
  pieces: readonly Piece[],
): Promise<readonly Coupled[]> {
  const own = new Map(
    pieces.filter((piece) => piece.group === group).map((piece) => [piece.tensor, piece]),
  );
  const readers = new Set(group.readers.map(({ output }) => output));
  const found: Coupled[] = [];
  for (const layer of anatomy.layers) {
    const place = placeOf(model, layer);
    const piece = place && own.get(place.weight.name);
    if (!place || !piece || readers.has(layer.output)) continue;
    const rowAxis = place.stored === 'in-out' ? place.weight.dims.length - 1 : 0;
    if (piece.axis !== rowAxis) continue;
    const unitOf = ownersOf(repeated(piece.labels, layer.outFeatures), group);
    found.push({ weight: await readWeight(model, layer), unitOf });
  }
  return found;
}
