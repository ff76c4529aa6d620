import type { Anatomy, Layer } from '../anatomy/types.ts';
import type { StepPlan } from '../methods/contract.ts';
import type { Model } from '../onnx/types.ts';

/**
 * What was planned before, so that a changed option plans the changed step alone. A plan is a pure function
 * of its ground and its step, and everything in it is immutable, so handing the same one out twice is safe. Grounds are
 * known by identity: an unchanged step gives the very same model to the next one.
 */
const plans = new WeakMap<Anatomy, Map<string, Promise<StepPlan>>>();

/** A slider passes a dozen values on the way; older ones are planned anew. */
const KEPT = 16;

/** The plan of the step called `key` on a ground with this anatomy; a failed one is not kept. */
export function rememberedPlan(
  anatomy: Anatomy,
  key: string,
  plan: () => Promise<StepPlan>,
): Promise<StepPlan> {
  const kept = plans.get(anatomy) ?? new Map<string, Promise<StepPlan>>();
  plans.set(anatomy, kept);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = plan();
  kept.set(key, made);
  made.catch(() => kept.delete(key));
  const [oldest] = kept.keys();
  if (kept.size > KEPT) kept.delete(oldest);
  return made;
}

const followed = new WeakMap<Anatomy, WeakMap<Model, Anatomy>>();

/** The anatomy with `change` applied to its layers, the same object for the same model and anatomy. */
export function rememberedAnatomy(
  model: Model,
  anatomy: Anatomy,
  change: (layer: Layer) => Layer,
): Anatomy {
  const kept = followed.get(anatomy) ?? new WeakMap<Model, Anatomy>();
  followed.set(anatomy, kept);
  const known = kept.get(model);
  if (known !== undefined) return known;
  const made = { ...anatomy, layers: anatomy.layers.map(change) };
  kept.set(model, made);
  return made;
}
