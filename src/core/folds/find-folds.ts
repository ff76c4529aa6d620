import type { Layer } from '../anatomy/types.ts';
import { isPlainProduct, placeOf } from '../encodings/place.ts';
import type { Model } from '../onnx/types.ts';
import { followBack } from './backward.ts';
import { Draft, type Reason } from './draft.ts';
import { lastAxis } from './pattern.ts';
import { sceneOf, type Scene } from './scene.ts';
import type { Fold } from './types.ts';

/**
 * What can take a scale per input channel of each layer in `targets`: one fold for each value they read, however many of `layers`
 * (all of the model's) read it. Where nothing before can take it the fold multiplies the value, and says why. Convolutions and
 * look-ups multiply no channels and are left out.
 */
export function findFolds(
  model: Model,
  layers: readonly Layer[],
  targets: readonly Layer[] = layers,
): Fold[] {
  const scene = sceneOf(model, layers);
  const folds: Fold[] = [];
  const covered = new Set<string>();
  const multiplied = new Map<string, Layer[]>();
  for (const layer of targets) {
    if (covered.has(layer.output) || !multiplies(scene, layer)) continue;
    const found = foldBefore(scene, layer);
    if (typeof found !== 'string') {
      for (const { output } of found.readers) covered.add(output);
      folds.push(found);
      continue;
    }
    const together = multiplied.get(layer.input) ?? [];
    multiplied.set(layer.input, [...together, layer]);
    if (together.length === 0) folds.push(multiplication(layer, found));
  }
  return folds.map((fold) =>
    fold.by === 'multiplication' ? readTogether(fold, multiplied.get(fold.value) ?? []) : fold,
  );
}

function multiplies({ model, layers }: Scene, layer: Layer): boolean {
  if (layer.op === 'Gather' || layer.op === 'Conv' || !layers.has(layer.output)) return false;
  const place = placeOf(model, layer);
  return place !== undefined && isPlainProduct(place.node);
}

/** The fold of a layer's input into what stands before it, or why there is none. */
function foldBefore(scene: Scene, layer: Layer): Fold | Reason {
  const draft = new Draft(scene);
  const visited = new Set<string>();
  // A merged decoder reads the weights in two branches: both must be able to take it.
  for (
    let open: readonly string[] = [layer.output];
    open.length > 0;
    open = unvisited(draft, visited)
  ) {
    for (const output of open) {
      visited.add(output);
      const reason = from(draft, output, layer.inFeatures);
      if (reason !== undefined) return reason;
    }
  }
  const rows = [...draft.rows.values()];
  const whole = rows.every(({ layer: { output, twins = [] } }) =>
    [output, ...twins.map((twin) => twin.output)].every((at) => draft.rows.has(at)),
  );
  if (!whole) return 'the layer before it is read by another branch in another way';
  const readers = unique([...draft.readers.values()]);
  const blocked = readers.find((reader) => !multiplies(scene, reader));
  if (blocked !== undefined) return `"${blocked.name}" reads it, too, and cannot be multiplied`;
  const { parts, ties, by } = draft;
  const own = rows.filter(
    ({ layer: { output } }, i) => rows.findIndex((r) => r.layer.output === output) === i,
  );
  return {
    value: layer.input,
    channels: layer.inFeatures,
    by,
    readers,
    rows: own,
    parts,
    ties,
    nodes: [],
  };
}

function from(draft: Draft, output: string, channels: number): Reason | undefined {
  const { view, dims } = draft.scene;
  const value = view.maker(output)?.inputs[0] ?? '';
  const rank = dims(value)?.length;
  if (rank === undefined) return `the shape of "${value}" is not known`;
  return followBack(draft, value, lastAxis(rank, channels));
}

/** Nodes of readers, or their twins, from which nobody has looked back yet. */
function unvisited({ readers }: Draft, visited: Set<string>): string[] {
  for (const output of readers.keys()) visited.add(output);
  const all = unique([...readers.values()]).flatMap(({ output, twins = [] }) => [
    output,
    ...twins.map((twin) => twin.output),
  ]);
  return all.filter((output) => !visited.has(output));
}

function unique(layers: readonly Layer[]): Layer[] {
  return [...new Map(layers.map((layer) => [layer.output, layer])).values()];
}

function multiplication(layer: Layer, reason: Reason): Fold {
  const { input: value, inFeatures: channels } = layer;
  return {
    ...{ value, channels, by: 'multiplication', reason, readers: [layer] },
    ...{ rows: [], parts: [], ties: [], nodes: [] },
  };
}

function readTogether(fold: Fold, readers: readonly Layer[]): Fold {
  const nodes = readers.flatMap(({ output, twins = [] }) => [
    output,
    ...twins.map((twin) => twin.output),
  ]);
  return { ...fold, readers, nodes };
}
