import type { Anatomy, Layer } from '../anatomy/types.ts';
import type { Model } from '../onnx/types.ts';
import { cutGraph } from './graph.ts';
import { collectGroups, readBy, type CutGroup, type FoundGroups } from './group.ts';
import { eachOnce } from './labels.ts';
import { spread } from './spread.ts';

/**
 * The feed-forward neurons of a model: one group for each down projection among `layers` (each expert of a mixture has
 * its own; blocks that share weights share one), members = the columns of its weight. With a neuron go its
 * row of the up and gate projections, its biases, and whatever else of the graph is as wide.
 */
export function findNeurons(model: Model, anatomy: Anatomy, layers = anatomy.layers): FoundGroups {
  const downs = layers.filter(({ role }) => role === 'down');
  return collectGroups(downs, cannot, (layer) => ({
    columns: eachOnce(layer.inFeatures),
    find: () => groupOf(model, layer),
  }));
}

function groupOf(model: Model, layer: Layer): CutGroup {
  const columns = eachOnce(layer.inFeatures);
  const axis = layer.op === 'Conv' ? 1 : -1;
  const marks = spread(cutGraph(model), [{ value: layer.input, axis, labels: columns }]);
  return {
    ...readBy(layer),
    members: layer.inFeatures,
    columns,
    marks,
    options: {},
  };
}

function cannot({ name }: Layer, reason: string): string {
  return `The neurons in front of "${name}" stay as they are: ${reason}.`;
}
