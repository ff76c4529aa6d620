import type { Anatomy, Layer } from '../anatomy/types.ts';
import { LatheError } from '../errors/lathe-error.ts';
import type { Model } from '../onnx/types.ts';
import { cutGraph } from './graph.ts';
import { covers, type CutGroup } from './group.ts';
import { eachOnce } from './labels.ts';
import { spread } from './spread.ts';

/** What can be cut, and what cannot with the reason. */
export interface FoundGroups {
  readonly groups: readonly CutGroup[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * The feed-forward neurons of a model: one group for each down projection among `layers` (each expert of a mixture has
 * its own; blocks that share weights share one), members = the columns of its weight. With a neuron go its
 * row of the up and gate projections, its biases, and whatever else of the graph is as wide.
 */
export function findNeurons(model: Model, anatomy: Anatomy, layers = anatomy.layers): FoundGroups {
  const groups: CutGroup[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const layer of layers.filter(({ role }) => role === 'down')) {
    try {
      addNeurons(model, layer, groups);
    } catch (error) {
      if (!(error instanceof LatheError)) throw error;
      skipped.push({ name: layer.name, reason: cannot(layer, error.message) });
    }
  }
  return { groups, skipped };
}

function addNeurons(model: Model, layer: Layer, groups: CutGroup[]): void {
  const columns = eachOnce(layer.inFeatures);
  const known = groups.findIndex((group) => covers(group, layer.input, columns));
  if (known >= 0) groups[known] = joinedBy(groups[known], layer);
  else groups.push(groupOf(model, layer));
}

function groupOf(model: Model, layer: Layer): CutGroup {
  const columns = eachOnce(layer.inFeatures);
  const axis = layer.op === 'Conv' ? 1 : -1;
  const marks = spread(cutGraph(model), [{ value: layer.input, axis, labels: columns }]);
  return {
    name: layer.name,
    readers: [layer],
    blocks: layer.block === undefined ? [] : [layer.block],
    ...(layer.stack && { stack: layer.stack }),
    members: layer.inFeatures,
    columns,
    marks,
    options: {},
  };
}

/** The group with one more layer that reads its members. */
export function joinedBy(group: CutGroup, layer: Layer): CutGroup {
  const blocks = layer.block === undefined ? [] : [layer.block];
  return {
    ...group,
    readers: [...group.readers, layer],
    blocks: [...new Set([...group.blocks, ...blocks])],
  };
}

function cannot({ name }: Layer, reason: string): string {
  return `The neurons in front of "${name}" stay as they are: ${reason}.`;
}
