import type { Layer } from '../../../anatomy/types.ts';
import { Emitter } from '../../../autodiff/emitter.ts';
import type { Fillings } from '../../../onnx/fill.ts';
import { editGraph } from '../../../onnx/graph/edit.ts';
import { makeTensor } from '../../../onnx/graph/make.ts';
import { plannedData } from '../../../onnx/tensor-data.ts';
import type { Model, Tensor } from '../../../onnx/types.ts';
import { fromFloat32, toFloat32 } from '../../../tensor/convert.ts';
import { byteLengthOf, DataType, elementCount } from '../../../tensor/data-type.ts';
import type { Ground, Method, PlannedLine, TrainingSetup } from '../../contract.ts';
import { differentiable } from '../../tuning/differentiable.ts';
import { healingObjective } from '../../tuning/heal/objective.ts';
import { readTrained } from '../../tuning/read-trained.ts';
import { withHoles } from '../../tuning/train-holes.ts';
import { trainedLines } from '../../tuning/trained-lines.ts';
import { settingsOf } from '../../tuning/training-options.ts';
import { grownScale, grownValues } from '../learned-scale.ts';
import { meta, type ScaleTuningOptions } from './meta.ts';
import { tunableScales } from './scales.ts';

/**
 * min over s of CE(labels), τ²·KL(original ‖ quantized) or half of each, Ŵ = s·(q − z) with q and z as the file
 * holds them: the second stage of EfficientQAT. Only the scales come out changed.
 */
export const scaleTuning: Method<ScaleTuningOptions> = {
  meta,
  plan: async (ground, targets, options) => {
    const { model } = ground;
    const { scales, touched, skipped } = tunableScales(model, targets);
    if (scales.length === 0) return { model, lines: [], skipped, work: [] };
    const planned = withHoles(
      model,
      scales.map(({ name }) => name),
    );
    const { warnings } = healingObjective(ground, options);
    return {
      model: planned,
      lines: linesOf(model, planned, touched, targets),
      skipped,
      ...(warnings.length > 0 && { warnings }),
      work: [
        {
          kind: 'train',
          settings: settingsOf(options),
          setup: (own, { random }) => setupOf(own, scales, options, random === undefined),
        },
      ],
    };
  },
};

/** Lines are of the layers as they were recognised, whatever node multiplies with their codes. */
function linesOf(
  before: Model,
  after: Model,
  touched: readonly Layer[],
  targets: readonly Layer[],
): readonly PlannedLine[] {
  const byName = new Map(targets.map((layer) => [layer.name, layer]));
  return trainedLines(before, after, touched).map((line) => ({
    ...line,
    layer: byName.get(line.layer.name) ?? line.layer,
  }));
}

async function setupOf(
  ground: Ground,
  scales: readonly Tensor[],
  options: ScaleTuningOptions,
  planning: boolean,
): Promise<TrainingSetup> {
  const base = await differentiable(ground.model, planning);
  const { student, learned } = await withLearnedScales(base, scales, planning);
  return {
    student,
    trainable: learned.map(({ growth }) => growth),
    teacher: options.from === 'labels' ? undefined : ground.original,
    objective: healingObjective(ground, options).objective,
    keepZeros: false,
    finish: (trained) => scalesFilled(trained, learned),
  };
}

/** A tensor of scales, and the initializers it is made of while it trains: κ is 1. */
interface Learned {
  readonly scale: Tensor;
  readonly start: string;
  readonly growth: string;
}

/** The model in which these scales are s₀·e^{u}; without numbers while planning. */
async function withLearnedScales(
  base: Model,
  scales: readonly Tensor[],
  planning: boolean,
): Promise<{ readonly student: Model; readonly learned: readonly Learned[] }> {
  const edit = editGraph(base.graph);
  const prefix = edit.freshName('scales');
  const emit = new Emitter({ type: () => undefined, constant: () => undefined }, `${prefix}/`);
  const current = new Map(base.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const learned: Learned[] = [];
  for (const { name } of scales) {
    const scale = current.get(name);
    if (scale === undefined) continue;
    const count = elementCount(scale.dims);
    const first = planning ? undefined : await floatsOf(scale);
    const parts = [first, first && new Float32Array(count)].map((values, part) => {
      const tensor = floats(
        `${prefix}/${learned.length}/${part === 0 ? 's0' : 'u'}`,
        count,
        values,
      );
      edit.addInitializer(tensor);
      return emit.declare(tensor.name, tensor);
    });
    const [start, growth] = parts;
    const grown = grownScale(emit, { start, growth, pace: 1, dataType: scale.dataType });
    edit.replaceUses(name, emit.cast(emit.reshape(grown, scale.dims), scale.dataType));
    learned.push({ scale, start, growth });
  }
  for (const tensor of emit.initializers) edit.addInitializer(tensor);
  edit.addNodes(...emit.nodes);
  edit.removeUnused();
  return { student: { ...base, graph: edit.finish() }, learned };
}

async function floatsOf({ dataType, data, dims }: Tensor): Promise<Float32Array> {
  return toFloat32(dataType, await data.read(), elementCount(dims));
}

function floats(name: string, count: number, values: Float32Array | undefined): Tensor {
  const [dataType, dims] = [DataType.float32, [count]];
  if (values !== undefined) return makeTensor(name, dims, values);
  return { name, dims, dataType, data: plannedData(byteLengthOf(dataType, dims)) };
}

async function scalesFilled(trained: Model, learned: readonly Learned[]): Promise<Fillings> {
  const read = readTrained(trained);
  const fillings = new Map<string, Uint8Array>();
  for (const { scale, start, growth } of learned) {
    const { name, dataType } = scale;
    const values = grownValues(await read(start), await read(growth), { pace: 1, dataType });
    fillings.set(name, fromFloat32(dataType, values, true));
  }
  return fillings;
}
