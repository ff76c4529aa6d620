import type { Anatomy, Block, Layer } from '../anatomy/types.ts';
import type { Model } from '../onnx/types.ts';
import { cutGraph } from './graph.ts';
import { collectGroups, readBy, type CutGroup, type FoundGroups } from './group.ts';
import { eachOnce, repeated, stretched } from './labels.ts';
import { coupled, spread } from './spread.ts';

/** What goes at once: a query head, or key/value heads with all the queries that read them. */
export type HeadUnit = 'heads' | 'kv-groups';

/**
 * The attention heads of a model: one group for each output projection among `layers`, members = heads, or key/value heads
 * with their queries. Query heads that share keys go equally many from each group of queries (`strata`), because operators
 * repeat keys equally often. Caches in and out get narrower with key/value heads.
 */
export function findHeads(
  model: Model,
  anatomy: Anatomy,
  unit: HeadUnit,
  layers = anatomy.layers,
): FoundGroups {
  const outputs = layers.filter(({ role }) => role === 'attention-output');
  return collectGroups(outputs, cannot, (layer) => {
    const members = membersOf(layer, anatomy, unit);
    return { columns: members.columns, find: () => groupOf(model, layer, members) };
  });
}

type Members = Pick<CutGroup, 'members' | 'strata' | 'columns'>;

function membersOf(layer: Layer, anatomy: Anatomy, unit: HeadUnit): Members {
  const { heads, keyValueHeads } = headsOf(layer, anatomy);
  const size = layer.inFeatures / heads;
  const each = heads / keyValueHeads;
  if (!Number.isInteger(size) || !Number.isInteger(each)) {
    throw coupled(
      `${layer.inFeatures} columns, ${heads} heads and ${keyValueHeads} key/value heads do not divide`,
    );
  }
  if (unit === 'kv-groups') {
    return { members: keyValueHeads, columns: stretched(eachOnce(keyValueHeads), each * size) };
  }
  const slots = repeated(eachOnce(each), heads);
  return each === 1
    ? { members: heads, columns: stretched(eachOnce(heads), size) }
    : { members: each, strata: keyValueHeads, columns: stretched(slots, size) };
}

function headsOf({ block, stack }: Layer, { blocks }: Anatomy) {
  const own = blocks.find((one: Block) => one.index === block && one.stack === stack);
  const { heads, keyValueHeads = heads } = own ?? {};
  if (heads === undefined || keyValueHeads === undefined) {
    throw coupled('how many heads there are was not recognised');
  }
  return { heads, keyValueHeads };
}

function groupOf(model: Model, layer: Layer, members: Members): CutGroup {
  const options = { caches: true };
  const start = { value: layer.input, axis: -1, labels: members.columns };
  const marks = spread(cutGraph(model), [start], options);
  return { ...readBy(layer), ...members, marks, options };
}

function cannot({ name }: Layer, reason: string): string {
  return `The heads in front of "${name}" stay as they are: ${reason}.`;
}
