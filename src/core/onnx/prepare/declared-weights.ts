import type { Model } from '../types.ts';

/** The first IR version in which an initializer need not be listed among the inputs as well. */
const FREE_INITIALIZERS = 4;

/** The model whose inputs are only those that a run has to be given, and how many were not. */
export interface Undeclared {
  readonly model: Model;
  readonly count: number;
}

/**
 * Before IR 4 every initializer had to be listed among the inputs. Since then one that is listed is a
 * default that a run may override, which keeps a runtime from treating it as constant; so the lists are
 * parted and the version rises. A newer model lists what it lists on purpose and stays.
 */
export function withoutDeclaredWeights(model: Model): Undeclared {
  const { irVersion, graph } = model;
  if (irVersion >= FREE_INITIALIZERS) return { model, count: 0 };
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !stored.has(name));
  const count = graph.inputs.length - inputs.length;
  if (count === 0) return { model, count };
  return {
    model: { ...model, irVersion: FREE_INITIALIZERS, graph: { ...graph, inputs } },
    count,
  };
}
