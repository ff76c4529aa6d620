import type { Anatomy, Layer } from '../../anatomy/types.ts';
import { throwIfCancelled } from '../../errors/lathe-error.ts';
import { looksAtInputs } from '../../statistics/look.ts';
import type { Seen } from '../../statistics/seen.ts';
import type { Ground, Method, MethodContext, MethodMeta, StepPlan } from '../contract.ts';
import { requireSeen } from '../require-seen.ts';
import { readWeight } from '../weight.ts';
import { averageOf, leastSquaresOf } from './combine.ts';
import { groupChooser, type PlacedGroup } from './place-group.ts';
import { sharedBytes, sharedLines, withSharedWeights } from './share-weights.ts';

type Values = 'least-squares' | 'average' | 'first';

/** A method in which groups of layers read one weight each, made of their own ones. */
export function shareMethod<Options extends { readonly values: Values }>(
  meta: MethodMeta,
  groupsOf: (anatomy: Anatomy, targets: readonly Layer[], options: Options) => Layer[][],
): Method<Options> {
  return {
    meta,
    plan: async ({ model, anatomy }, targets, options): Promise<StepPlan> => {
      const choose = groupChooser(model, anatomy);
      const choices = groupsOf(anatomy, targets, options).map(choose);
      const groups = choices.flatMap(({ group }) => group ?? []);
      const skipped = choices.flatMap((choice) =>
        choice.skipped.map(({ layer, reason }) => ({ name: layer.name, reason })),
      );
      if (groups.length === 0) return { model, lines: [], skipped, work: [] };
      const looks = options.values === 'least-squares';
      const look = looksAtInputs(
        groups.flatMap(({ layers }) => layers),
        ['moments'],
      );
      return {
        model: withSharedWeights(model, groups),
        lines: sharedLines(groups),
        skipped,
        work: [
          {
            kind: 'fill',
            ...(looks && { look }),
            fill: (ground, seen, context) => fill(meta, ground, groups, options, seen, context),
          },
        ],
      };
    },
  };
}

async function fill(
  meta: MethodMeta,
  { model }: Ground,
  groups: readonly PlacedGroup[],
  { values }: { readonly values: Values },
  seen: Seen,
  context: MethodContext,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const filled = new Map<string, Uint8Array>();
  for (const [done, group] of groups.entries()) {
    throwIfCancelled(context.signal);
    context.progress?.(done / groups.length);
    const shared = await sharedWeight(meta, model, group, values, seen);
    filled.set(group.places[0].weight.name, sharedBytes(group, shared));
  }
  return filled;
}

async function sharedWeight(
  meta: MethodMeta,
  model: Ground['model'],
  { layers }: PlacedGroup,
  values: Values,
  seen: Seen,
): Promise<Float32Array> {
  const read = await Promise.all(layers.map((layer) => readWeight(model, layer)));
  const weights = read.map((weight) => weight.values);
  if (values === 'first') return weights[0];
  const [{ op, outFeatures, inFeatures }] = layers;
  if (values === 'average' || op === 'Gather') return averageOf(weights);
  const grams = read.map((weight) => requireSeen(seen, 'moments', weight, meta));
  return leastSquaresOf(weights, grams, outFeatures, inFeatures);
}
