import type { z } from 'zod';
import type { Layer } from '../../../anatomy/types.ts';
import { fillingsOf, writeEncodings, type Product, type Slot } from '../../../encodings/index.ts';
import { throwIfCancelled } from '../../../errors/lathe-error.ts';
import { editGraph } from '../../../onnx/graph/edit.ts';
import type { Model } from '../../../onnx/types.ts';
import { looksAtInputs } from '../../../statistics/look.ts';
import type { Seen } from '../../../statistics/seen.ts';
import type {
  Ground,
  Method,
  MethodContext,
  PlannedLine,
  Skipped,
  StepPlan,
} from '../../contract.ts';
import { requireSeen } from '../../require-seen.ts';
import { storedBytes } from '../../stored-bytes.ts';
import { readWeight } from '../../weight.ts';
import { filledFactors, plannedFactors } from '../factors.ts';
import { layerGroups } from '../groups.ts';
import { groupChooser } from '../place-group.ts';
import { rankBelow } from '../rank.ts';
import { sharedBasis } from './basis.ts';
import { meta, type options as schema } from './meta.ts';

export type ShareBasisOptions = z.infer<typeof schema>;

/** Wᵢ ≈ Lᵢ·R for the same maps of k neighbouring blocks: R is stored once, the Lᵢ are each block's own. */
export const shareBasis: Method<ShareBasisOptions> = {
  meta,
  plan: async ({ model, anatomy }, targets, options): Promise<StepPlan> => {
    const skipped: Skipped[] = [];
    const choose = groupChooser(model, anatomy);
    const arrangement = { size: options.size, arrangement: 'neighbours' } as const;
    const chosen = layerGroups(anatomy, targets, arrangement).flatMap((layers): Chosen[] => {
      const choice = choose(layers);
      skipped.push(...choice.skipped.map(({ layer, reason }) => ({ name: layer.name, reason })));
      if (choice.group === undefined) return [];
      const { layers: own, places } = choice.group;
      const rank = rankOf(own, options);
      if (typeof rank === 'number')
        return [{ layers: own, rank, dataType: places[0].weight.dataType }];
      skipped.push(...own.map(({ name }) => ({ name, reason: rank.refused })));
      return [];
    });
    if (chosen.length === 0) return { model, lines: [], skipped, work: [] };
    return { ...factored(model, chosen), skipped };
  },
};

interface Chosen {
  readonly layers: readonly Layer[];
  readonly rank: number;
  readonly dataType: number;
}

function rankOf(layers: readonly Layer[], options: ShareBasisOptions) {
  const [{ outFeatures, inFeatures, name }] = layers;
  const own = layers.length * outFeatures;
  const rank = rankBelow({ own, shared: inFeatures, whole: own * inFeatures }, options, name);
  if (typeof rank === 'number' && rank > inFeatures) {
    return {
      refused: `"${name}" has ${inFeatures} inputs, so no basis of rank ${rank}; lower the rank.`,
    };
  }
  return rank;
}

interface Written {
  readonly layers: readonly Layer[];
  readonly form: Product;
  readonly slots: readonly Slot[];
}

function factored(model: Model, chosen: readonly Chosen[]): Omit<StepPlan, 'skipped'> {
  const forms = chosen.map(({ rank, dataType }) => plannedFactors(rank, dataType));
  const encoded = chosen.flatMap(({ layers }, at) =>
    layers.map((layer) => ({ layer, encoded: forms[at] })),
  );
  const { model: apart, slots } = writeEncodings(model, encoded);
  const groups = chosen.map(({ layers }, at): Written => ({
    layers,
    form: forms[at],
    slots: layers.map((layer) => slots.get(layer.output) ?? { names: [] }),
  }));
  const shared = withOneBasis(apart, groups);
  const look = looksAtInputs(
    encoded.map(({ layer }) => layer),
    ['moments'],
  );
  return {
    model: shared,
    lines: linesOf(model, shared, groups),
    work: [
      {
        kind: 'fill',
        look,
        fill: (ground, seen, context) => fill(ground, groups, seen, context),
      },
    ],
  };
}

/** The basis is the last tensor of each product. */
function withOneBasis(model: Model, groups: readonly Written[]): Model {
  const editor = editGraph(model.graph);
  for (const { slots } of groups) {
    const [kept, ...copies] = slots.map(basisOf);
    for (const copy of copies) editor.replaceUses(copy, kept);
  }
  editor.removeUnused();
  return { ...model, graph: editor.finish() };
}

function basisOf({ names }: Slot): string {
  return names[names.length - 1];
}

function linesOf(before: Model, after: Model, groups: readonly Written[]): PlannedLine[] {
  const sizes = new Map(after.graph.initializers.map(({ name, data }) => [name, data.byteLength]));
  const layers = groups.flatMap((group) => group.layers);
  const bytesBefore = storedBytes(before, layers);
  return groups.flatMap((group) =>
    group.layers.map((layer, at): PlannedLine => {
      const bytesAfter = group.slots[at].names.reduce((sum, name) => {
        return sum + (at > 0 && name === basisOf(group.slots[at]) ? 0 : (sizes.get(name) ?? 0));
      }, 0);
      return {
        layer,
        did: 'factored',
        bytesBefore: bytesBefore.get(layer.output) ?? 0,
        bytesAfter,
      };
    }),
  );
}

async function fill(
  { model }: Ground,
  groups: readonly Written[],
  seen: Seen,
  { signal, progress }: MethodContext,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const filled = new Map<string, Uint8Array>();
  for (const [done, { layers, form, slots }] of groups.entries()) {
    throwIfCancelled(signal);
    progress?.(done / groups.length);
    const read = await Promise.all(layers.map((layer) => readWeight(model, layer)));
    const [{ outFeatures, inFeatures }] = layers;
    const gram = new Float32Array(inFeatures * inFeatures);
    for (const weight of read) {
      const { values } = requireSeen(seen, 'moments', weight, meta);
      for (let i = 0; i < gram.length; i++) gram[i] += values[i];
    }
    const weights = read.map(({ values }) => values);
    const basis = sharedBasis(weights, gram, outFeatures, inFeatures, form.rank);
    slots.forEach((slot, at) => {
      const own = filledFactors(form, basis.lefts[at], basis.right);
      for (const [name, bytes] of fillingsOf(slot, own)) {
        if (at === 0 || name !== basisOf(slot)) filled.set(name, bytes);
      }
    });
  }
  return filled;
}
