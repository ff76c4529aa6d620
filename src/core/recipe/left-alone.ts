import { storedWeights } from '../encodings/index.ts';
import { canBeWeight } from '../anatomy/aside.ts';
import type { Anatomy, Layer } from '../anatomy/types.ts';
import { constantTensors } from '../onnx/weights.ts';
import type { Model } from '../onnx/types.ts';
import type { Coverage } from '../report/types.ts';

type Left = Coverage['skipped'][number];

/** What was planned for a model, as far as it tells what became of its weights. */
export interface Outcome {
  readonly original: Model;
  readonly anatomy: Anatomy;
  /** The model as planned. */
  readonly model: Model;
  readonly changed: (layer: Layer) => boolean;
  readonly pointedAt: (layer: Layer) => boolean;
  /** Layers that a step was pointed at and did not take. */
  readonly skipped: readonly Left[];
  /** Bytes of each layer's weight by `layer.output`; a shared one counts for the first. */
  readonly bytes: ReadonlyMap<string, number>;
}

const NOT_POINTED_AT = 'No step was pointed at it.';
const NOTHING_TO_DO = 'The steps pointed at it do not change its weight.';

/**
 * Every weight of the original that is in the planned model untouched, with the reason and its bytes:
 * first what the steps themselves say, then layers of which none says anything, then weights that are in no
 * layer. With what was compressed, and the vectors and small tensors that are never listed, they make up
 * all stored bytes.
 */
export function leftAlone(outcome: Outcome): readonly Left[] {
  const { original, anatomy, model, changed } = outcome;
  const there = new Set(constantTensors(model.graph).map(({ tensor }) => tensor.data));
  const listed = new Set(anatomy.layers.map(({ weight }) => weight));
  const left = constantTensors(original.graph).filter(
    ({ name, tensor }) => (listed.has(name) || canBeWeight(tensor)) && there.has(tensor.data),
  );
  const kept = new Set(left.map(({ name }) => name));
  const layers = anatomy.layers.filter((layer) => kept.has(layer.weight) && !changed(layer));
  const codes = [...storedWeights(original).values()].flatMap(({ tensors }) => tensors);
  const scales = new Set(codes.map(({ name }) => name));
  const aside = left.filter(({ name }) => !listed.has(name) && !scales.has(name));
  return [
    ...withBytes(outcome, layers),
    ...unsaid(outcome, layers),
    ...aside.map(({ name, tensor }) => ({
      name,
      reason: asideReason(anatomy, name),
      bytes: tensor.data.byteLength,
    })),
  ];
}

/** What the steps skipped, the bytes with the first that says so of a layer. */
function withBytes({ skipped, bytes }: Outcome, layers: readonly Layer[]): Left[] {
  const open = new Map(layers.map(({ name, output }) => [name, bytes.get(output) ?? 0]));
  return skipped.map((item) => {
    const own = open.get(item.name);
    open.delete(item.name);
    return own === undefined ? item : { ...item, bytes: own };
  });
}

function unsaid({ skipped, bytes, pointedAt }: Outcome, layers: readonly Layer[]): Left[] {
  const said = new Set(skipped.map(({ name }) => name));
  return layers
    .filter(({ name }) => !said.has(name))
    .map((layer) => ({
      name: layer.name,
      reason: pointedAt(layer) ? NOTHING_TO_DO : NOT_POINTED_AT,
      bytes: bytes.get(layer.output) ?? 0,
    }));
}

function asideReason({ aside = [] }: Anatomy, name: string): string {
  const known = aside.find(({ weight }) => weight === name)?.reason;
  return `"${name}" ${known ?? 'is the weight of no layer'}, so it was left as it is.`;
}
