import { fillCodes, fillingsOf } from '../../../encodings/index.ts';
import { roundHalfEven } from '../../../kernels/arithmetic.ts';
import { middleCode } from '../../../kernels/uniform.ts';
import type { Fillings } from '../../../onnx/fill.ts';
import type { Model } from '../../../onnx/types.ts';
import { readTrained, type ReadTrained } from '../../tuning/read-trained.ts';
import { grownValues } from '../learned-scale.ts';
import type { GridKind, GridNames } from './learned-grid.ts';
import type { LearnedWeight } from './student.ts';

const f = Math.fround;

/** The trained weights as the codes that the training graph rounded them to, for the planned holes. */
export async function codesFilled(
  trained: Model,
  learned: readonly LearnedWeight[],
): Promise<Fillings> {
  const read = readTrained(trained);
  const fillings = new Map<string, Uint8Array>();
  for (const { names, kind, places } of learned) {
    const found = await codesOf(read, names, kind);
    for (const { slot, encoded } of places)
      for (const [name, bytes] of fillingsOf(slot, fillCodes(encoded, found)))
        fillings.set(name, bytes);
  }
  return fillings;
}

/** q = round(clip(W/s + z)) in float32, operation by operation as the graph computes it. */
async function codesOf(read: ReadTrained, names: GridNames, kind: GridKind) {
  const values = await read(names.weight);
  const [first, u] = [await read(names.start), await read(names.growth)];
  const scales = grownValues(first, u, { pace: kind.pace, dataType: kind.scaleType });
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

async function zerosOf(read: ReadTrained, { zero, shift }: GridNames, { pace, bits }: GridKind) {
  if (zero === undefined) return undefined;
  const first = await read(zero);
  if (shift === undefined) return first;
  const t = await read(shift);
  const moved = first.map((z, g) => f(z + f(t[g] * f(pace))));
  return moved.map((z) => roundHalfEven(Math.min(Math.max(z, 0), 2 ** bits - 1)));
}
