import type { Layer } from '../anatomy/types.ts';
import type { Model } from '../onnx/types.ts';
import { tiedLayers } from './tied-layers.ts';

/**
 * The product that each look-up shares its table with, by the look-up's output: the first of `layers` that multiplies with
 * the table. Look-ups of tables that no product reads are not there.
 */
export function tiedLookUps(model: Model, layers: readonly Layer[]): ReadonlyMap<string, Layer> {
  const found = new Map<string, Layer>();
  for (const { layers: members } of tiedLayers(model, layers)) {
    const product = members.find(({ op }) => op !== 'Gather' && op !== 'Conv');
    if (product === undefined) continue;
    for (const { op, output } of members) if (op === 'Gather') found.set(output, product);
  }
  return found;
}

/**
 * What to read of a table that some of an embedding and its output head go on reading as it was, beside the encoded one.
 * Undefined where there is none.
 */
export function takenApart(
  model: Model,
  all: readonly Layer[],
  encoded: readonly Layer[],
): string | undefined {
  const own = new Set(encoded.map(({ output }) => output));
  const sides = all.filter(({ op, role }) => op === 'Gather' || role === 'output-head');
  const apart = tiedLayers(model, sides).find(
    ({ layers: members }) =>
      members.some(({ op }) => op === 'Gather') &&
      members.some(({ output }) => own.has(output)) &&
      members.some(({ output }) => !own.has(output)),
  );
  if (apart === undefined) return undefined;
  const name = ({ name: own }: Layer) => `"${own}"`;
  const [first, other] = [true, false].map((kept) =>
    LIST.format(apart.layers.filter(({ output }) => own.has(output) === kept).map(name)),
  );
  return `${first} and ${other} read one table. This step stores it anew for ${first} alone, so the file holds it twice; a step that works on both stores it once, and one of its own for the other lets each have its own bits.`;
}

const LIST = new Intl.ListFormat('en');
