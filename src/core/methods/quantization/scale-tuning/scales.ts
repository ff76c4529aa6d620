import type { Layer } from '../../../anatomy/types.ts';
import { gradientRule } from '../../../autodiff/rules/index.ts';
import { storedWeightOf } from '../../../encodings/index.ts';
import { indexGraph, type GraphIndex } from '../../../onnx/graph/index-graph.ts';
import type { Model, Tensor } from '../../../onnx/types.ts';
import { DataType } from '../../../tensor/data-type.ts';
import type { Skipped } from '../../contract.ts';
import { isClosed } from '../../tuning/differentiable.ts';

/** Scales that can train, each once, and the layers they belong to. */
export interface TunableScales {
  readonly scales: readonly Tensor[];
  readonly touched: readonly Layer[];
  readonly skipped: readonly Skipped[];
}

/** The scales of the chosen layers' codes; the other layers with the reason. */
export function tunableScales(model: Model, targets: readonly Layer[]): TunableScales {
  const index = indexGraph(model.graph);
  const scales = new Map<string, Tensor>();
  const touched: Layer[] = [];
  const skipped: Skipped[] = [];
  for (const given of targets) {
    const layer = behindBias(model, index, given);
    const found = scaleOf(model, layer);
    if (typeof found === 'string') {
      skipped.push({ name: layer.name, reason: found });
    } else {
      scales.set(found.name, found);
      touched.push(layer);
    }
  }
  return { scales: [...scales.values()], touched, skipped };
}

/** A Gemm whose weight an earlier step stored as codes is a product and an Add of its bias: the product. */
function behindBias(model: Model, index: GraphIndex, layer: Layer): Layer {
  if (storedWeightOf(model, layer) !== undefined) return layer;
  const sum = index.producer(layer.output)?.node;
  const terms = sum?.opType === 'Add' ? sum.inputs : [];
  const output = terms.find((value) => storedWeightOf(model, { output: value }) !== undefined);
  return output === undefined ? layer : { ...layer, output };
}

/** The tensor that holds a stored weight's scales, or why there is none to train. */
function scaleOf(model: Model, layer: Layer): Tensor | string {
  const { name } = layer;
  const stored = storedWeightOf(model, layer);
  if (stored === undefined) {
    return `"${name}" is stored as plain numbers, so it has no scales to tune; quantize it in a step before this one.`;
  }
  if (gradientRule(stored.node) === undefined || isClosed(model, stored)) {
    return `"${name}" is computed by ${stored.kernel}, through which no gradient reaches its scales, so it was left as it is; dequantize it and quantize it again first.`;
  }
  return (
    scaleAmong(stored.tensors) ??
    `"${name}" stores no scales as floating-point numbers of their own, so there is nothing to tune in it.`
  );
}

const FLOATS = new Set<number>([DataType.float32, DataType.float16]);

/** The one float tensor beside the codes; where float zeros or tables lie there too, names tell them apart. */
function scaleAmong(tensors: readonly Tensor[]): Tensor | undefined {
  const floats = tensors.filter(({ name, dataType }) => {
    return FLOATS.has(dataType) && !/(_zero_points?|_zeros|_table)$/.test(name);
  });
  const named = floats.filter(({ name }) => /scales?$/.test(name));
  const found = named.length > 0 ? named : floats;
  return found.length === 1 ? found[0] : undefined;
}
