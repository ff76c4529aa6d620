import { throwIfCancelled } from '../../core/errors/lathe-error.ts';
import { takeBranch } from '../../core/onnx/branches/take-branch.ts';
import { indexGraph, type GraphIndex } from '../../core/onnx/graph/index-graph.ts';
import type { Model } from '../../core/onnx/types.ts';
import {
  createGradient,
  type GradientAccumulator,
} from '../../core/statistics/gradient/gradient.ts';
import { createWeightGradient } from '../../core/statistics/gradient/weight-gradient.ts';
import type { Look, RowsView, SingleLook } from '../../core/statistics/look.ts';
import { singleLooks } from '../../core/statistics/look.ts';
import { seenIn, type Seen } from '../../core/statistics/seen.ts';
import type { BatchShape } from '../../core/training/bindings.ts';
import { LABELS } from '../../core/training/problem.ts';
import { IGNORE_INDEX } from '../../core/training/losses/rows.ts';
import { buildValueGradients } from '../../core/training/value-gradients.ts';
import type { Value } from '../../core/tensor/values.ts';
import type { CaptureHooks } from '../capture.ts';
import { layerRows, valueRows, type Rows } from '../layer-rows.ts';
import { inputPorts } from '../ports.ts';
import type { PortInfo, Runtime } from '../types.ts';
import type { Feeds } from '../values.ts';
import { assertValues } from './check-looks.ts';
import { gradientRows } from './gradient-rows.ts';

/** Data with labels, in batches of one size. */
export interface LabelledBatches {
  readonly shape: BatchShape;
  readonly batchCount: number;
  /** Values for these inputs, and labels, of batch `index`. */
  batch(index: number, ports: readonly PortInfo[]): Feeds;
  /** Throws `label-outside-classes`. */
  checkClasses(classes: number): void;
}

/**
 * Takes looks at gradients: the loss is that of the data's labels, of each window or example by itself. All asked values and
 * their gradients come out of one graph. Looks at what cannot be read as rows beside its gradient (a Conv of groups) give
 * nothing. Throws `look-value`, and what `buildValueGradients` throws.
 */
export async function collectGradients(
  runtime: Runtime,
  whole: Model,
  looks: readonly Look[],
  data: LabelledBatches,
  hooks: CaptureHooks = {},
): Promise<Seen> {
  const model = takeBranch(whole);
  const singles = singleLooks(looks);
  assertValues(model, singles);
  const index = indexGraph(model.graph);
  const collecting = singles.map((look) => collectOne(index, look));
  const values = [...new Set(collecting.flatMap(({ reads }) => reads))];
  const { model: graph, at, scale, classes } = buildValueGradients(model, values, data.shape);
  data.checkClasses(classes);
  const ports = inputPorts(graph).filter(({ name }) => name !== LABELS);
  const session = await runtime.open(graph);
  try {
    for (let batch = 0; batch < data.batchCount; batch++) {
      throwIfCancelled(hooks.signal);
      const feeds = data.batch(batch, ports);
      const results = await session.run(feeds);
      const labels = labelsByExample(feeds[LABELS]);
      const found: Found = {
        value: (name) => results[at.get(name)?.value ?? ''],
        gradient: (name) => results[at.get(name)?.gradient ?? ''],
        scales: labels.map((own) => (own === 0 ? undefined : sum(labels) / own / scale)),
      };
      for (const { add } of collecting) add(found);
      hooks.progress?.(batch + 1);
    }
  } finally {
    await session.release();
  }
  const results = collecting.map(({ key, finish }) => [key, finish()] as const);
  return seenIn(new Map(results.filter(([, result]) => result !== undefined)));
}

/** Values and gradients of one batch. */
interface Found {
  readonly value: (name: string) => Value | undefined;
  readonly gradient: (name: string) => Value | undefined;
  /** For each example what makes its share of the batch's gradient that of its own loss; undefined where it has no label. */
  readonly scales: readonly (number | undefined)[];
}

interface CollectOne {
  readonly key: string;
  readonly reads: readonly string[];
  readonly add: (found: Found) => void;
  readonly finish: () => unknown;
}

function collectOne(index: GraphIndex, { view, take, key }: SingleLook): CollectOne {
  return take === 'weight gradient' ? ofWeight(index, view, key) : ofValue(view, key);
}

function ofValue({ value }: RowsView, key: string): CollectOne {
  let sums: ReturnType<typeof createGradient> | undefined;
  return {
    ...{ key, reads: [value] },
    add(found) {
      const x = found.value(value);
      if (x === undefined) return;
      const [rows, gradient] = [valueRows(x), gradientOf(found, value, x)];
      sums ??= createGradient(rows.columns);
      addExamples(sums, rows, valueRows(gradient), found.scales);
    },
    finish: () => sums?.finish(),
  };
}

function ofWeight(index: GraphIndex, { rowsOf: layer }: RowsView, key: string): CollectOne {
  const node = layer && index.producer(layer.output)?.node;
  if (layer === undefined || node === undefined)
    return { key, reads: [], add: () => {}, finish: () => undefined };
  let sums: ReturnType<typeof createWeightGradient> | undefined;
  return {
    ...{ key, reads: [layer.input, layer.output] },
    add(found) {
      const [x, y] = [found.value(layer.input), found.value(layer.output)];
      if (x === undefined || y === undefined) return;
      const gradient = gradientRows(layer, gradientOf(found, layer.output, y));
      const rows = layerRows(layer, node, x);
      if (gradient?.rows !== rows.rows) return;
      sums ??= createWeightGradient(layer.outFeatures, layer.inFeatures);
      addExamples(sums, rows, gradient, found.scales);
    },
    finish: () => sums?.finish(),
  };
}

/** Zeros where the loss does not depend on the value. */
function gradientOf(found: Found, name: string, value: Value): Value {
  return found.gradient(name) ?? { ...value, data: new Float32Array(value.data.length) };
}

function addExamples(
  sums: GradientAccumulator<unknown>,
  { x, rows, columns }: Rows,
  gradient: Rows,
  scales: Found['scales'],
): void {
  const each = rows / scales.length;
  scales.forEach((scale, example) => {
    if (scale === undefined) return;
    const [from, end] = [example * each, (example + 1) * each];
    sums.add(
      x.subarray(from * columns, end * columns),
      gradient.x.subarray(from * gradient.columns, end * gradient.columns),
      each,
      scale,
    );
  });
}

/** How many labels each example of a batch has. */
function labelsByExample({ dims, data }: Value): number[] {
  const each = data.length / dims[0];
  return Array.from({ length: dims[0] }, (_, example) => {
    const own = Array.from(data.subarray(example * each, (example + 1) * each), Number);
    return own.filter((label) => label !== IGNORE_INDEX).length;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
