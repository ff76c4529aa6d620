import { recognise } from '../../anatomy/recognise.ts';
import type { Layer } from '../../anatomy/types.ts';
import { fillHoles, requireFilled } from '../../onnx/fill.ts';
import { memoryData } from '../../onnx/tensor-data.ts';
import type { Model } from '../../onnx/types.ts';
import { seededRandom } from '../../random/seeded.ts';
import { lookKey, type Look } from '../../statistics/look.ts';
import { createMoments } from '../../statistics/moments/moments.ts';
import { seenIn, type Seen } from '../../statistics/seen.ts';
import type { Method, StepPlan } from '../contract.ts';

/** What a method without encoders makes of a model, by its own plan and work, on made-up statistics. */
export async function madeBy<O>(
  method: Method<O>,
  model: Model,
  options: O,
  pick: (layer: Layer) => boolean = () => true,
): Promise<{ readonly model: Model; readonly plan: StepPlan }> {
  const ground = { model, anatomy: recognise(model), original: model };
  const plan = await method.plan(ground, ground.anatomy.layers.filter(pick), options, {
    index: 0,
    change: () => undefined,
  });
  let made = plan.model;
  for (const work of plan.work) {
    if (work.kind !== 'fill') throw new Error(`${method.meta.title} does more than fill.`);
    const seen = madeUp(work.look ?? []);
    made = fillHoles(made, await work.fill(ground, seen, { random: seededRandom(1) }));
  }
  requireFilled(made);
  return { model: made, plan };
}

function madeUp(looks: readonly Look[]): Seen {
  const results = looks.map(({ take, ...view }) => {
    const columns = view.rowsOf?.inFeatures ?? 1;
    return [lookKey(view, take[0]), momentsOf(columns, view.value)] as const;
  });
  return seenIn(new Map(results));
}

/** Second moments of random rows, of which some columns are much louder than others. */
export function momentsOf(columns: number, label: string) {
  const random = seededRandom(1, label);
  const rows = 3 * columns;
  const loud = Float32Array.from({ length: columns }, () => 0.1 + 3 * random.next() ** 3);
  const x = Float32Array.from({ length: rows * columns }, (_, i) => {
    return (random.next() - 0.5) * loud[i % columns];
  });
  const moments = createMoments(columns);
  moments.add(x, rows);
  return moments.finish();
}

/** The model in which the weights of every other layer of a role are those of the first: what sharing finds equal. */
export function withEqualBlocks(model: Model): Model {
  const { layers } = recognise(model);
  const first = new Map<string, Layer>();
  const copies = new Map<string, string>();
  for (const layer of layers.filter(({ block }) => block !== undefined)) {
    const key = `${layer.stack} ${layer.role} ${layer.outFeatures} ${layer.inFeatures}`;
    const known = first.get(key);
    if (known === undefined) first.set(key, layer);
    else copies.set(layer.weight, known.weight);
  }
  const data = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor.data]));
  const initializers = model.graph.initializers.map((tensor) => {
    const from = data.get(copies.get(tensor.name) ?? '')?.readSync?.();
    return from === undefined ? tensor : { ...tensor, data: memoryData(from.slice()) };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}
