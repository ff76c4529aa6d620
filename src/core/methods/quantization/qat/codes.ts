import { fillCodes, fillingsOf } from '../../../encodings/index.ts';
import { roundHalfEven } from '../../../kernels/arithmetic.ts';
import { middleCode } from '../../../kernels/uniform.ts';
import type { Fillings } from '../../../onnx/fill.ts';
import type { Model } from '../../../onnx/types.ts';
import { fromFloat32, toFloat32 } from '../../../tensor/convert.ts';
import { DataType, elementCount } from '../../../tensor/data-type.ts';
import type { GridKind, GridNames } from './learned-grid.ts';
import type { LearnedWeight } from './student.ts';

const f = Math.fround;

/** The trained weights as the codes that the training graph rounded them to, for the planned holes. */
export async function codesFilled(
  trained: Model,
  learned: readonly LearnedWeight[],
): Promise<Fillings> {
  const read = reader(trained);
  const fillings = new Map<string, Uint8Array>();
  for (const { names, kind, places } of learned) {
    const found = await codesOf(read, names, kind);
    for (const { slot, encoded } of places)
      for (const [name, bytes] of fillingsOf(slot, fillCodes(encoded, found)))
        fillings.set(name, bytes);
  }
  return fillings;
}

type Read = (name: string) => Promise<Float32Array>;

function reader({ graph }: Model): Read {
  const tensors = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  return async (name) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`The trained model lost "${name}".`);
    return toFloat32(tensor.dataType, await tensor.data.read(), elementCount(tensor.dims));
  };
}

/** q = round(clip(W/s + z)) in float32, operation by operation as the graph computes it. */
async function codesOf(read: Read, names: GridNames, kind: GridKind) {
  const values = await read(names.weight);
  const scales = await scalesOf(read, names, kind);
  const zeros = await zerosOf(read, names, kind);
  const { rows, columns, groupSize, low, high, bits } = kind;
  const perRow = Math.ceil(columns / groupSize);
  const codes = new Uint8Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const group = r * perRow + Math.floor(c / groupSize);
      const at = r * columns + c;
      const position = f(f(values[at] / scales[group]) + (zeros?.[group] ?? middleCode(bits)));
      codes[at] = roundHalfEven(Math.min(Math.max(position, low), high));
    }
  return { codes, scales, ...(zeros && { zeros: Uint8Array.from(zeros) }) };
}

/** s = s₀·e^{κu}, of the type that the file stores. */
async function scalesOf(read: Read, { start, growth }: GridNames, { pace, half }: GridKind) {
  const [first, u] = [await read(start), await read(growth)];
  const grown = first.map((s, g) => f(s * f(Math.exp(f(u[g] * f(pace))))));
  if (!half) return grown;
  return toFloat32(DataType.float16, fromFloat32(DataType.float16, grown, true), grown.length);
}

async function zerosOf(read: Read, { zero, shift }: GridNames, { pace, bits }: GridKind) {
  if (zero === undefined) return undefined;
  const first = await read(zero);
  if (shift === undefined) return first;
  const t = await read(shift);
  const moved = first.map((z, g) => f(z + f(t[g] * f(pace))));
  return moved.map((z) => roundHalfEven(Math.min(Math.max(z, 0), 2 ** bits - 1)));
}
