import { recogniseStored } from '../../../anatomy/recognise-stored.ts';
import type { Layer } from '../../../anatomy/types.ts';
import type { CutGroup } from '../../../cuts/group.ts';
import { findKeyValueHeads, type KeyValueGroup } from '../../../cuts/key-value-heads.ts';
import { planCut, type Piece } from '../../../cuts/plan.ts';
import { poolPieces, type Pooling } from '../../../cuts/pool.ts';
import { placeOf } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import type { FillWork, Ground, Method, Skipped } from '../../contract.ts';
import { trainedLines } from '../../tuning/trained-lines.ts';
import { meta, type MhaToGqaOptions } from './meta.ts';
import { looksFor, mixingOf } from './mixing.ts';

/**
 * Grouped queries (Ainslie et al. 2023, §2.1): each t = heads/count neighbouring heads of keys and values become one,
 * Ŵ = Σ_h M_h·W_h. Mean: M_h = I/t. Least squares: see {@link mixingOf}. Queries and the output projection stay; where the
 * graph has no operator for grouped queries, keys and values are repeated in front of the products, as exporters write it.
 */
export const mhaToGqa: Method<MhaToGqaOptions> = {
  meta,
  plan: async (ground, targets, options) => {
    const found = findKeyValueHeads(ground.model, ground.anatomy, targets);
    const divided = found.groups.map((group) => ({
      group,
      reason: obstacle(group, options.count),
    }));
    const groups = divided.filter(({ reason }) => reason === undefined).map(({ group }) => group);
    const cuts = groups.map((group) => ({ group, keep: options.count }));
    const { model, pieces, failed } = planCut(ground.model, cuts);
    const left = new Set(failed.map(({ group }) => group));
    const pooled = groups.filter((group) => !left.has(group));
    const skipped = [
      ...found.skipped,
      ...divided.flatMap(({ group, reason }) => (reason ? [{ name: group.name, reason }] : [])),
      ...failed.map(({ group, reason }) => ({ name: group.name, reason: stays(group, reason) })),
      ...unrecognised(targets),
    ];
    if (pieces.length === 0) return { model: ground.model, lines: [], skipped, work: [] };
    const touched = layersOf(ground, pieces);
    return {
      model,
      anatomy: await recogniseStored(model),
      lines: trainedLines(ground.model, model, touched),
      skipped,
      ...keptWhole(pooled, ground),
      work: [fillWork(ground, pooled, pieces, options)],
    };
  },
};

function fillWork(
  planned: Ground,
  groups: readonly KeyValueGroup[],
  pieces: readonly Piece[],
  options: MhaToGqaOptions,
): FillWork {
  const weighted = options.pool === 'least-squares';
  return {
    kind: 'fill',
    ...(weighted && { look: looksFor(planned, groups) }),
    fill: async (ground, seen, { signal, progress }) => {
      const poolings = new Map<string, Pooling>();
      for (const [i, group] of groups.entries()) {
        throwIfCancelled(signal);
        const times = group.members / options.count;
        const mixing = weighted ? await mixingOf(ground, group, times, seen) : () => undefined;
        poolings.set(group.name, { group, times, mixing });
        progress?.((i + 1) / groups.length);
      }
      return poolPieces(ground.model, pieces, poolings);
    },
  };
}

function obstacle({ members, name }: KeyValueGroup, count: number): string | undefined {
  if (members === count) {
    return `The attention in front of "${name}" has ${count} heads of keys and values already, so they stay.`;
  }
  return members % count === 0
    ? undefined
    : `The ${members} heads of keys and values in front of "${name}" cannot become ${count} of equal weight, because ${count} does not divide ${members}; choose a divisor.`;
}

function stays({ name }: CutGroup, reason: string): string {
  return `The keys and values in front of "${name}" stay as they are: ${reason}.`;
}

/** Layers whose weight gets shorter. */
function layersOf({ model, anatomy }: Ground, pieces: readonly Piece[]): readonly Layer[] {
  const cut = new Set(pieces.map(({ tensor }) => tensor));
  return anatomy.layers.filter((layer) => cut.has(placeOf(model, layer)?.weight.name ?? ''));
}

/** Architectures whose every head has keys of its own have no field that says otherwise. */
function keptWhole(groups: readonly KeyValueGroup[], { anatomy }: Ground) {
  const own = anatomy.blocks.some(({ heads, keyValueHeads }) => heads === keyValueHeads);
  if (groups.length === 0 || !own || anatomy.layout === 'Llama-like') return {};
  const what = anatomy.layout;
  return {
    warnings: [
      `The config.json of a ${what} model has no field for heads of keys and values, so a loader that makes an empty cache from it makes one of the old size; ONNX runtimes and Lathe read the sizes from the graph.`,
    ],
  };
}

function unrecognised(targets: readonly Layer[]): Skipped[] {
  if (targets.some(({ role }) => role === 'attention-output')) return [];
  return targets.map(({ name }) => ({
    name,
    reason: `"${name}" belongs to no attention whose output projection was recognised among the chosen layers, so there are no keys and values of it to pool.`,
  }));
}
