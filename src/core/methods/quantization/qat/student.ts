import { Emitter } from '../../../autodiff/emitter.ts';
import type { Layer } from '../../../anatomy/types.ts';
import {
  isPlainNumbers,
  requireKind,
  storageUnits,
  type Coded,
  type Place,
} from '../../../encodings/index.ts';
import { editGraph, type GraphEditor } from '../../../onnx/graph/edit.ts';
import { indexGraph } from '../../../onnx/graph/index-graph.ts';
import { makeTensor } from '../../../onnx/graph/make.ts';
import { plannedData } from '../../../onnx/tensor-data.ts';
import type { Model, Tensor } from '../../../onnx/types.ts';
import { byteLengthOf, DataType } from '../../../tensor/data-type.ts';
import type { EncodedPlace } from '../../contract.ts';
import { learnedGrid, paceOf, type GridKind, type GridNames } from './learned-grid.ts';
import type { QatOptions } from './meta.ts';
import type { Start } from './start.ts';

/** A weight as it trains, and the layers that read it. */
export interface LearnedWeight {
  readonly names: GridNames;
  readonly kind: GridKind;
  readonly places: readonly EncodedPlace[];
}

/** W [outFeatures, inFeatures] of a layer, and the grids it begins with. */
export type Begin = (
  layer: Layer,
  kind: GridKind,
) => Promise<{ readonly values: Float32Array; readonly start: Start }>;

/**
 * The model with each of these weights rounded in the graph: whatever node read W reads Ŵ, made of a copy of W
 * and its grids. A weight that several of the layers read is one. Without `begin` the numbers are left open.
 */
export async function withLearnedGrids(
  base: Model,
  places: readonly EncodedPlace[],
  options: QatOptions,
  begin?: Begin,
): Promise<{ readonly student: Model; readonly learned: readonly LearnedWeight[] }> {
  const index = indexGraph(base.graph);
  const edit = editGraph(base.graph);
  const prefix = edit.freshName('qat');
  const emit = new Emitter(NOTHING, `${prefix}/`);
  const learned: LearnedWeight[] = [];
  const encoded = places.map((place) => ({ ...place, shareable: true }));
  for (const unit of storageUnits(index, encoded)) {
    const readers = new Set(unit.places.map(({ layer }) => layer.output));
    const own = places.filter(({ layer }) => readers.has(layer.output));
    const [{ layer }] = own;
    const kind = kindOf(requireKind(unit.encoded, 'coded'), layer, options);
    const given = await begin?.(layer, kind);
    const names = declared(edit, emit, `${prefix}/${learned.length}`, kind, options, given);
    const { output } = learnedGrid(emit, names, kind);
    const laid = emit.reshape(output, [layer.outFeatures, layer.inFeatures]);
    for (const place of unit.places) connect(edit, emit, place, laid);
    learned.push({ names, kind, places: own });
  }
  for (const tensor of emit.initializers) edit.addInitializer(tensor);
  edit.addNodes(...emit.nodes);
  edit.removeUnused();
  return { student: { ...base, graph: edit.finish() }, learned };
}

/** All values that the emitter reads are declared to it. */
const NOTHING = { type: () => undefined, constant: () => undefined };

function kindOf(
  coded: Coded,
  shape: Pick<Layer, 'outFeatures' | 'inFeatures'>,
  options: QatOptions,
): GridKind {
  const { outFeatures, inFeatures } = shape;
  const whole = coded.granularity === 'tensor';
  const columns = whole ? outFeatures * inFeatures : inFeatures;
  const { bits } = options;
  return {
    rows: whole ? 1 : outFeatures,
    columns,
    groupSize: whole ? columns : coded.groupSize,
    bits,
    low: options.ternary ? 1 : 0,
    high: 2 ** bits - 1,
    scaleType:
      coded.scales && isPlainNumbers(coded.scales) ? coded.scales.dataType : DataType.float32,
    pace: paceOf(options),
  };
}

/** Adds W and its grids to the graph. */
function declared(
  edit: GraphEditor,
  emit: Emitter,
  prefix: string,
  { rows, columns, groupSize }: GridKind,
  { symmetric, zeros, stepRate }: QatOptions,
  given: Awaited<ReturnType<Begin>> | undefined,
): GridNames {
  const groups = rows * Math.ceil(columns / groupSize);
  const add = (part: string, dims: readonly number[], values: Float32Array | undefined) => {
    const tensor = open(`${prefix}/${part}`, dims, given && (values ?? new Float32Array(groups)));
    edit.addInitializer(tensor);
    return emit.declare(tensor.name, tensor);
  };
  const asymmetric = !symmetric;
  return {
    weight: add('W', [rows, columns], given?.values),
    start: add('s0', [groups], given?.start.scales),
    growth: add('u', [groups], undefined),
    ...(asymmetric && { zero: add('z0', [groups], given?.start.zeros) }),
    ...(asymmetric &&
      zeros === 'learned' &&
      stepRate > 0 && { shift: add('t', [groups], undefined) }),
  };
}

function open(name: string, dims: readonly number[], values: Float32Array | undefined): Tensor {
  const dataType = DataType.float32;
  if (values !== undefined) return makeTensor(name, dims, values);
  return { name, dims, dataType, data: plannedData(byteLengthOf(dataType, dims)) };
}

/** The place's node reads Ŵ, laid and typed as it wants its weight. */
function connect(edit: GraphEditor, emit: Emitter, place: Place, output: string): void {
  const { node, slot, weight, wanted, elementType, layer } = place;
  const matrix = wanted === 'in-out' ? emit.transpose(output, [1, 0]) : output;
  const shaped = layer.op === 'Conv' ? emit.reshape(matrix, weight.dims) : matrix;
  const value = emit.cast(shaped, elementType);
  edit.replaceNode(node, { ...node, inputs: node.inputs.with(slot, value) });
}
