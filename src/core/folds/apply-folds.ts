import type { Layer } from '../anatomy/types.ts';
import { placeOf } from '../encodings/place.ts';
import { indexGraph } from '../onnx/graph/index-graph.ts';
import { editGraph, type GraphEditor } from '../onnx/graph/edit.ts';
import { makeNode } from '../onnx/graph/make.ts';
import { plannedData } from '../onnx/tensor-data.ts';
import type { Model, Node, Tensor } from '../onnx/types.ts';
import { byteLengthOf, DataType } from '../tensor/data-type.ts';
import type { Fold, Pattern } from './types.ts';

/** What a fold does to the entries of a tensor. */
export interface Factor {
  /** Its place among the folds. */
  readonly fold: number;
  readonly pattern: Pattern;
  readonly power: 1 | -1;
}

/** A hole that folds fill. */
export interface FoldedTensor {
  readonly name: string;
  readonly dataType: number;
  readonly dims: readonly number[];
  /** The tensor it is made of; ones where it multiplies a value. */
  readonly source?: Tensor;
  /** A matrix stored the other way round than its source. */
  readonly turned?: boolean;
  readonly factors: readonly Factor[];
}

/** A model with holes where scales are folded in; its function stays the same for every scale. */
export interface FoldedModel {
  readonly model: Model;
  readonly tensors: readonly FoldedTensor[];
}

interface Wish {
  readonly output: string;
  readonly slot: number;
  readonly source: Tensor;
  /** The node reads the matrix the other way round than it is stored. */
  readonly turned: boolean;
  readonly dataType: number;
  readonly factor: Factor;
}

/**
 * Writes folds into the graph: each stored tensor that takes part becomes a hole of its own, and a value that nothing takes gets one
 * Mul. Weights of layers in `encoded` (by output) are left to whoever encodes them: see {@link weightFactors}.
 */
export function applyFolds(
  model: Model,
  folds: readonly Fold[],
  encoded: ReadonlySet<string>,
): FoldedModel {
  const wiring = new Wiring(model);
  for (const entry of grouped(folds.flatMap((fold, at) => wishesOf(model, fold, at, encoded)))) {
    wiring.replace(entry);
  }
  folds.forEach((fold, at) => {
    if (fold.by === 'multiplication') wiring.multiply(fold, at);
  });
  return wiring.finish();
}

function wishesOf(model: Model, fold: Fold, at: number, encoded: ReadonlySet<string>): Wish[] {
  const { parts, rows, readers } = fold;
  const own = parts.map(({ output, slot, tensor, dataType, pattern, power }): Wish => {
    return {
      output,
      slot,
      source: tensor,
      turned: false,
      dataType,
      factor: { fold: at, pattern, power },
    };
  });
  const left = ({ output }: Layer): boolean => !encoded.has(output);
  return [
    ...own,
    ...readers.filter(left).flatMap((layer) => {
      const labels = Int32Array.from({ length: layer.inFeatures }, (_, i) => i);
      return weightWishes(model, layer, 'in', labels, { fold: at, power: 1 });
    }),
    ...rows
      .filter(({ layer }) => left(layer))
      .flatMap(({ layer, labels }) =>
        weightWishes(model, layer, 'out', labels, { fold: at, power: -1 }),
      ),
  ];
}

function weightWishes(
  model: Model,
  layer: Layer,
  side: 'in' | 'out',
  labels: Int32Array,
  factor: Omit<Factor, 'pattern'>,
): Wish[] {
  return [layer, ...(layer.twins ?? [])].flatMap((twin) => {
    const place = placeOf(model, { ...layer, ...twin });
    if (place === undefined) return [];
    const { weight, stored, wanted, node, slot, elementType } = place;
    const first = (wanted === 'out-in') === (side === 'out');
    const ones = weight.dims.slice(2).map(() => 1);
    const dims = [...ones, ...(first ? [labels.length, 1] : [1, labels.length])];
    const read = { output: node.outputs[0], slot, source: weight, dataType: elementType };
    return [
      { ...read, turned: stored !== wanted, factor: { ...factor, pattern: { dims, labels } } },
    ];
  });
}

/** All that becomes of one tensor as one node reads it; equal for several nodes: one hole. */
interface Entry {
  readonly ends: readonly { readonly output: string; readonly slot: number }[];
  readonly source: Tensor;
  readonly turned: boolean;
  readonly dataType: number;
  readonly factors: readonly Factor[];
}

function grouped(wishes: readonly Wish[]): Entry[] {
  const byEnd = new Map<string, Wish[]>();
  for (const wish of wishes) {
    const key = JSON.stringify([wish.output, wish.slot]);
    byEnd.set(key, [...(byEnd.get(key) ?? []), wish]);
  }
  const entries = new Map<string, Entry>();
  for (const same of byEnd.values()) {
    const [{ output, slot, source, turned, dataType }] = same;
    const factors = same.map(({ factor }) => factor);
    const parts = factors.map(({ fold, pattern, power }) => [
      fold,
      power,
      pattern.dims,
      [...pattern.labels],
    ]);
    const key = JSON.stringify([source.name, turned, dataType, parts]);
    const known = entries.get(key);
    const ends = [...(known?.ends ?? []), { output, slot }];
    entries.set(key, { ends, source, turned, dataType, factors });
  }
  return [...entries.values()];
}

/** Collects what nodes read instead, so that each is replaced once. */
class Wiring {
  readonly #edit: GraphEditor;
  readonly #inputs = new Map<Node, string[]>();
  readonly #tensors: FoldedTensor[] = [];
  readonly #node: (output: string) => Node;

  constructor(private readonly model: Model) {
    this.#edit = editGraph(model.graph);
    const index = indexGraph(model.graph);
    this.#node = (output) => {
      const made = index.producer(output);
      if (made === undefined) throw new Error(`No node makes "${output}".`);
      return made.node;
    };
  }

  replace({ ends, source, turned, dataType, factors }: Entry): void {
    const dims = turned ? source.dims.toReversed() : source.dims;
    const name = this.#hole(`${source.name}_scaled`, { dims, dataType, source, turned, factors });
    for (const { output, slot } of ends) this.#read(output, slot, name);
  }

  /** One Mul for each value that the nodes read. */
  multiply({ value, channels, nodes, readers }: Fold, fold: number): void {
    const labels = Int32Array.from({ length: channels }, (_, i) => i);
    const factors = [{ fold, pattern: { dims: [channels], labels }, power: -1 }] as const;
    // A layer computes in the type of its weight.
    const dataType = placeOf(this.model, readers[0])?.elementType ?? DataType.float32;
    const name = this.#hole(`${value}_scale`, { dims: [channels], dataType, factors });
    const made = new Map<string, string>();
    for (const output of nodes) {
      const [input] = this.#node(output).inputs;
      const scaled = made.get(input) ?? this.#edit.freshName(`${input}_scaled`);
      if (!made.has(input))
        this.#edit.addNodes(makeNode('Mul', [input, name], [scaled], {}, '', scaled));
      made.set(input, scaled);
      this.#read(output, 0, scaled);
    }
  }

  finish(): FoldedModel {
    for (const [node, inputs] of this.#inputs) this.#edit.replaceNode(node, { ...node, inputs });
    this.#edit.removeUnused();
    return { model: { ...this.model, graph: this.#edit.finish() }, tensors: this.#tensors };
  }

  #hole(base: string, folded: Omit<FoldedTensor, 'name'>): string {
    const name = this.#edit.freshName(base);
    const { dims, dataType } = folded;
    const data = plannedData(byteLengthOf(dataType, dims));
    this.#edit.addInitializer({ name, dims, dataType, data });
    this.#tensors.push({ name, ...folded });
    return name;
  }

  #read(output: string, slot: number, value: string): void {
    const node = this.#node(output);
    const inputs = this.#inputs.get(node) ?? [...node.inputs];
    inputs[slot] = value;
    this.#inputs.set(node, inputs);
  }
}
