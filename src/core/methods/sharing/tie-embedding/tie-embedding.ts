import type { z } from 'zod';
import type { Anatomy, Layer } from '../../../anatomy/types.ts';
import type { Place } from '../../../encodings/index.ts';
import { editGraph } from '../../../onnx/graph/edit.ts';
import { indexGraph } from '../../../onnx/graph/index-graph.ts';
import { plannedData } from '../../../onnx/tensor-data.ts';
import type { Model } from '../../../onnx/types.ts';
import type { Ground, Method, Refusal, StepPlan } from '../../contract.ts';
import { floatPlace, isRefusal } from '../../site.ts';
import { readWeight } from '../../weight.ts';
import { averageOf } from '../combine.ts';
import { tieTransposed } from '../deduplicate/tie-transposed.ts';
import { sharedBytes } from '../share-weights.ts';
import { meta, type options as schema } from './meta.ts';

export type TieEmbeddingOptions = z.infer<typeof schema>;

/** W_head = E, one table [vocabulary, width]: y = x·Eᵀ with E the embedding, the head, or their mean. */
export const tieEmbedding: Method<TieEmbeddingOptions> = {
  meta,
  plan: async ({ model, anatomy }, targets, options): Promise<StepPlan> => {
    const heads = targets.filter(({ role }) => role === 'output-head');
    const pairs = heads.map((head) => pairOf(model, anatomy, head));
    const skipped = pairs.flatMap((pair, at) =>
      isRefusal(pair) ? [{ name: heads[at].name, reason: pair.refused }] : [],
    );
    const pair = pairs.find((found) => !isRefusal(found));
    if (pair === undefined || isRefusal(pair)) return { model, lines: [], skipped, work: [] };
    return { ...tied(model, pair, options), skipped };
  },
};

/** An output head and the embedding of its shape. */
interface Pair {
  readonly table: Place;
  readonly head: Place;
  readonly layers: readonly [table: Layer, head: Layer];
}

function pairOf(model: Model, { layers }: Anatomy, head: Layer): Pair | Refusal {
  const tables = layers.filter(({ role }) => role === 'embedding');
  const fits = tables.find((layer) => sameShape(layer, head));
  if (fits === undefined) return { refused: noTable(head, tables) };
  const [table, own] = [floatPlace(model, fits), floatPlace(model, head)];
  if (isRefusal(table)) return table;
  if (isRefusal(own)) return own;
  if (table.weight.name === own.weight.name) {
    return {
      refused: `"${head.name}" reads the embedding "${fits.name}" already, so there is nothing to tie.`,
    };
  }
  if (table.weight.dataType !== own.weight.dataType) {
    return {
      refused: `"${head.name}" is stored in another type than the embedding "${fits.name}", so they were left apart; bring both to one type first.`,
    };
  }
  return { table, head: own, layers: [fits, head] };
}

function sameShape(a: Layer, b: Layer): boolean {
  return a.outFeatures === b.outFeatures && a.inFeatures === b.inFeatures;
}

function noTable(head: Layer, tables: readonly Layer[]): string {
  const shape = ({ outFeatures, inFeatures }: Layer) => `${outFeatures} × ${inFeatures}`;
  const [table] = tables;
  return table === undefined
    ? `The model has no embedding that the output head "${head.name}" could read.`
    : `The output head "${head.name}" is ${shape(head)} and the embedding "${table.name}" ${shape(table)}, so it cannot read it.`;
}

function tied(
  model: Model,
  { table, head, layers }: Pair,
  { values }: TieEmbeddingOptions,
): Omit<StepPlan, 'skipped'> {
  const editor = editGraph(model.graph);
  const [kept, copy] = [table.weight, head.weight];
  // Their layouts, not their shapes, tell apart a copy and a turned one: both may be square.
  if (table.stored === head.stored) editor.replaceUses(copy.name, kept.name);
  else tieTransposed(editor, indexGraph(model.graph), kept.name, copy.name);
  const open = values !== 'embedding';
  const size = kept.data.byteLength;
  if (open) editor.replaceInitializer(kept.name, { ...kept, data: plannedData(size) });
  editor.removeUnused();
  const fill = async (ground: Ground) => {
    const read = await Promise.all(layers.map((layer) => readWeight(ground.model, layer)));
    const [embedding, own] = read.map((weight) => weight.values);
    const shared = values === 'head' ? own : averageOf([embedding, own]);
    return new Map([[kept.name, sharedBytes({ layers, places: [table] }, shared)]]);
  };
  const [first, second] = layers;
  return {
    model: { ...model, graph: editor.finish() },
    lines: [
      { layer: first, did: 'shared', bytesBefore: size, bytesAfter: size },
      { layer: second, did: 'shared', bytesBefore: copy.data.byteLength, bytesAfter: 0 },
    ],
    work: open ? [{ kind: 'fill', fill }] : [],
  };
}
