import type { Layer } from '../../anatomy/types.ts';
import { editGraph } from '../../onnx/graph/edit.ts';
import { plannedData } from '../../onnx/tensor-data.ts';
import type { Model } from '../../onnx/types.ts';
import { fromFloat32 } from '../../tensor/convert.ts';
import { transpose } from '../../tensor/matrix.ts';
import type { PlannedLine } from '../contract.ts';
import type { PlacedGroup } from './place-group.ts';

/** The model in which the layers of each group read the first one's weight, which is a hole. */
export function withSharedWeights(model: Model, groups: readonly PlacedGroup[]): Model {
  const editor = editGraph(model.graph);
  for (const { places } of groups) {
    const [{ weight: kept }] = places;
    const data = plannedData(kept.data.byteLength);
    editor.replaceInitializer(kept.name, { ...kept, data });
    const others = new Set(places.map(({ weight }) => weight.name));
    others.delete(kept.name);
    for (const name of others) editor.replaceUses(name, kept.name);
  }
  editor.removeUnused();
  return { ...model, graph: editor.finish() };
}

/** W [outFeatures, inFeatures] as the group's initializer holds it. */
export function sharedBytes({ places }: PlacedGroup, values: Float32Array): Uint8Array {
  const [{ layer, weight, stored }] = places;
  const { outFeatures, inFeatures } = layer;
  const laid = stored === 'in-out' ? transpose(values, outFeatures, inFeatures) : values;
  return fromFloat32(weight.dataType, laid);
}

/** Of each group the first line has the bytes. */
export function sharedLines(groups: readonly PlacedGroup[]): PlannedLine[] {
  return groups.flatMap(({ layers, places }) => {
    const seen = new Set<string>();
    return layers.map((layer: Layer, at): PlannedLine => {
      const { name, data } = places[at].weight;
      const own = !seen.has(name);
      seen.add(name);
      const bytesBefore = own ? data.byteLength : 0;
      return { layer, did: 'shared', bytesBefore, bytesAfter: at === 0 ? data.byteLength : 0 };
    });
  });
}
