import type { z } from 'zod';
import type { Anatomy, Layer } from '../../../anatomy/types.ts';
import { findDuplicates, type Duplicates } from '../../../onnx/duplicates.ts';
import { editGraph } from '../../../onnx/graph/edit.ts';
import { indexGraph, type GraphIndex } from '../../../onnx/graph/index-graph.ts';
import type { Graph, Model } from '../../../onnx/types.ts';
import type { Method, Skipped } from '../../contract.ts';
import { meta, type options as schema } from './meta.ts';
import { tieTransposed } from './tie-transposed.ts';

export type DeduplicateOptions = z.infer<typeof schema>;

/** Before IR version 4 every initializer is listed as an input; listing means "replaceable" only since. */
const INPUTS_ARE_OPTIONAL_SINCE = 4;

/**
 * Keeps one of several initializers with the same type, shape and bytes, and of two matrices that are
 * each other's transpose. Lossless: the tensors are compared byte by byte, and ones that differ
 * anywhere are left alone.
 */
export const deduplicate: Method<DeduplicateOptions> = {
  meta,
  plan: async ({ model, anatomy }, targets, options, { signal }) => {
    const found = await findDuplicates(model, signal);
    const choice = startChoice(model, anatomy, targets, options);
    const merged = mergeEqual(model.graph, found, choice);
    const graph = options.transposed ? mergeTransposed(merged, found, choice) : merged;
    return {
      model: choice.touched.size === 0 ? model : { ...model, graph },
      lines: [],
      work: [],
      skipped: [...choice.skipped, ...unequalHeads(anatomy, targets, choice.touched)],
    };
  },
};

/** What may be merged, and what was. */
interface Choice {
  readonly eligible: (name: string) => boolean;
  readonly mayGo: (name: string) => boolean;
  readonly touched: Set<string>;
  readonly skipped: Skipped[];
}

function startChoice(
  model: Model,
  anatomy: Anatomy,
  targets: readonly Layer[],
  options: DeduplicateOptions,
): Choice {
  const skipped: Skipped[] = [];
  const index = indexGraph(model.graph);
  const mayGo = (name: string): boolean => {
    const reason = obstacle(model, index, name);
    if (reason !== undefined) skipped.push({ name, reason });
    return reason === undefined;
  };
  const eligible = eligibility(anatomy, targets, options);
  return { eligible, mayGo, skipped, touched: new Set() };
}

function mergeEqual(graph: Graph, { exact }: Duplicates, choice: Choice): Graph {
  const editor = editGraph(graph);
  for (const { names } of exact) {
    const [kept, ...copies] = names.filter(choice.eligible);
    for (const copy of copies.filter(choice.mayGo)) {
      editor.replaceUses(copy, kept);
      choice.touched.add(copy);
    }
  }
  editor.removeUnused();
  return editor.finish();
}

function mergeTransposed(graph: Graph, { transposed }: Duplicates, choice: Choice): Graph {
  const editor = editGraph(graph);
  const index = indexGraph(graph);
  for (const { names } of transposed) {
    const [kept, copy] = lookedUpFirst(index, names);
    if (!choice.eligible(kept) || !choice.eligible(copy) || !choice.mayGo(copy)) continue;
    tieTransposed(editor, index, kept, copy);
    choice.touched.add(copy);
  }
  editor.removeUnused();
  return editor.finish();
}

/** Weights of targeted layers, and (when asked for) tensors that are no layer's weight. */
function eligibility(
  { layers }: Anatomy,
  targets: readonly Layer[],
  { constants }: DeduplicateOptions,
): (name: string) => boolean {
  const chosen = new Set(targets.map(({ weight }) => weight));
  const weights = new Set(layers.map(({ weight }) => weight));
  return (name) => chosen.has(name) || (constants && !weights.has(name));
}

/** Why a copy has to stay, if it has to. */
function obstacle(model: Model, index: GraphIndex, name: string): string | undefined {
  const optional = model.irVersion >= INPUTS_ARE_OPTIONAL_SINCE;
  return optional && index.isGraphInput(name)
    ? `"${name}" is also an input of the model, so a caller may put other values there; it was kept.`
    : undefined;
}

/** A table that is looked up is kept as it lies: turning it would copy all of it. */
function lookedUpFirst(
  index: GraphIndex,
  [first, second]: readonly [string, string],
): readonly [string, string] {
  const isTable = (name: string): boolean =>
    index.consumers(name).some((node) => node.opType === 'Gather' && node.inputs[0] === name);
  return isTable(second) && !isTable(first) ? [second, first] : [first, second];
}

/** Says of an output head that could be tied to the embedding why it was not. */
function unequalHeads(
  { layers }: Anatomy,
  targets: readonly Layer[],
  touched: ReadonlySet<string>,
): readonly Skipped[] {
  const embedding = layers.find(({ role }) => role === 'embedding');
  if (embedding === undefined) return [];
  const same = (layer: Layer): boolean =>
    layer.outFeatures === embedding.outFeatures && layer.inFeatures === embedding.inFeatures;
  return targets
    .filter((layer) => layer.role === 'output-head' && layer.weight !== embedding.weight)
    .filter((layer) => same(layer) && !touched.has(layer.weight) && !touched.has(embedding.weight))
    .map(({ name }) => ({
      name,
      reason: `"${name}" has the shape of the embedding "${embedding.name}" but other values, so both were kept.`,
    }));
}
