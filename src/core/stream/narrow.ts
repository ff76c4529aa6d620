import { viewGraph, type GraphView } from '../anatomy/view.ts';
import { isOp } from '../anatomy/operators.ts';
import { standardOpset } from '../encodings/place.ts';
import { LatheError } from '../errors/lathe-error.ts';
import { editGraph, type GraphEditor } from '../onnx/graph/edit.ts';
import { makeTensor } from '../onnx/graph/make.ts';
import type { Model, Node, Tensor } from '../onnx/types.ts';
import { toFloat32 } from '../tensor/convert.ts';
import { DataType, elementCount } from '../tensor/data-type.ts';
import { backTurners } from './turn-back.ts';
import { foldedBiases, type Folded } from './biases.ts';
import { narrowedTensors, typeAt, Wiring, type Narrowed } from './holes.ts';
import { writeNorms } from './narrow-norms.ts';
import { followStream, type Stream, type StreamWords } from './follow.ts';
import { keepTied, tiedTables, type TiedTable, type Turner } from './tied.ts';

/** A model with a narrower stream, and what has to be filled into it. */
export interface NarrowModel {
  readonly model: Model;
  readonly stream: Stream;
  readonly tensors: readonly Narrowed[];
  /** Tables that stay embedding and head in one, and what that takes. */
  readonly tied: readonly TiedTable[];
  readonly turners: readonly Turner[];
  readonly biases: readonly Folded[];
}

/** Columns of a stream before and after, and what is said where it cannot be. */
export interface Widths {
  readonly from: number;
  readonly to: number;
  readonly words: StreamWords;
}

/** The graph with a residual stream of `to` columns in place of `from`. Throws what {@link followStream} throws. */
export async function narrowModel(
  model: Model,
  start: string,
  { from, to, words }: Widths,
): Promise<NarrowModel> {
  const view = viewGraph(model.graph);
  const stream = followStream(view, from, start, words);
  if (stream.norms.length === 0 || stream.readers.length === 0) throw unread(words);
  const edit = editGraph(model.graph);
  const wiring = new Wiring();
  const dataType = elementType(view, stream);
  const tied = tiedTables(view, stream);
  const turners = keepTied(edit, wiring, tied, stream, { to, dataType });
  const turnedBack = backTurners(edit, stream, { from, to, dataType });
  const others = without(stream, tied);
  const tensors = narrowedTensors(edit, wiring, view, others, to);
  const biases = foldedBiases(edit, wiring, view, others);
  for (const { node, fromEnd } of stream.shapes)
    await reshape(edit, wiring, view, node, fromEnd, [from, to]);
  wiring.apply(edit);
  const opset = standardOpset(model);
  writeNorms(edit, stream.norms, { from, to, dataType, opset, turnedBack });
  edit.dropValueInfo();
  edit.removeUnused();
  return {
    model: { ...model, graph: edit.finish() },
    ...{ stream, tensors, tied, biases },
    turners: [...turners, ...turnedBack],
  };
}

/** The stream but for what tables that stay one have to do with it. */
function without(stream: Stream, tied: readonly TiedTable[]): Stream {
  const names = new Set(tied.map(({ source }) => source.name));
  const other = ({ tensor }: { readonly tensor: Tensor }): boolean => !names.has(tensor.name);
  return {
    ...stream,
    writers: stream.writers.filter(other),
    readers: stream.readers.filter(other),
  };
}

function elementType(view: GraphView, { readers }: Stream): number {
  const [{ node, tensor }] = readers;
  return typeAt(view, node.inputs[1], tensor.dataType);
}

/** A constant shape, or the constant part of one that is put together, that names the width. */
async function reshape(
  edit: GraphEditor,
  wiring: Wiring,
  view: GraphView,
  node: Node,
  fromEnd: number,
  [from, to]: readonly [number, number],
): Promise<void> {
  const whole = view.tensor(node.inputs[1]);
  const maker = view.maker(node.inputs[1]);
  const parts = maker && isOp(maker, 'Concat') ? maker : undefined;
  const [reading, slot] = parts ? [parts, parts.inputs.length - 1 - fromEnd] : [node, 1];
  const tensor = whole ?? view.tensor(reading.inputs[slot] ?? '');
  if (tensor === undefined) return;
  const dims = [...toFloat32(tensor.dataType, await tensor.data.read(), elementCount(tensor.dims))];
  const at = parts && !whole ? dims.length - 1 : dims.length - 1 - fromEnd;
  if (dims[at] !== from) return;
  const name = edit.freshName(`${tensor.name || 'shape'}_narrow`);
  const numbers = BigInt64Array.from(dims.with(at, to), BigInt);
  edit.addInitializer(
    tensor.dataType === DataType.int64
      ? makeTensor(name, tensor.dims, numbers)
      : makeTensor(name, tensor.dims, Int32Array.from(numbers, Number)),
  );
  wiring.read(reading, slot, name);
}

function unread({ uncut }: StreamWords): LatheError {
  return new LatheError(
    'stream-uncut',
    `No norm was found that reads the residual stream, so it is not known what its columns do, and ${uncut}; leave this step out.`,
  );
}
