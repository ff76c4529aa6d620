import { unpackCodes } from '../../kernels/pack.ts';
import type { Graph, Tensor } from '../../onnx/types.ts';
import { isFloatType, toFloat32 } from '../../tensor/convert.ts';
import { elementCount } from '../../tensor/data-type.ts';
import { decodeCoded } from '../coded/decode.ts';
import { gridPositions } from '../coded/group.ts';
import { groupCount, planesOf, vectorOf } from '../coded/layout.ts';
import { isPlain } from '../coded/tensors.ts';
import type { Coded, Numbers, Shape } from '../types.ts';
import type { StoredWeight } from './types.ts';

/** An initializer by what its name adds to the weight's. */
type Find = (suffix: string) => Tensor | undefined;

/**
 * The codes that standard operators of `graph` unpack to `values`, where they are stored in the planned form: its
 * scales, zeros and table are read, and codes that do not give the same values to the last bit are not believed.
 * Undefined where the file holds something else.
 */
export async function readAsPlanned(
  graph: Graph,
  stored: StoredWeight,
  planned: Coded,
  values: Float32Array,
): Promise<Coded | undefined> {
  const filled = await withNumbers(planned, stored, finder(graph, stored, planned), '');
  if (filled === undefined || vectorOf(planned) > 1) return undefined;
  const codes = codesOf(filled, stored, values);
  if (codes === undefined) return undefined;
  const coded = { ...filled, codes };
  return decodeCoded(coded, stored).every((value, i) => value === values[i]) ? coded : undefined;
}

function finder({ initializers }: Graph, { tensors }: StoredWeight, { bits }: Coded): Find {
  const base = tensors[0].name.replace(new RegExp(`_q${bits}(_high)?$`), '');
  return (suffix) => initializers.find(({ name }) => name === base + suffix);
}

/** Scales, zeros and table from the tensors that `codedTensors` would have made of them. */
async function withNumbers(
  coded: Coded,
  shape: Shape,
  find: Find,
  prefix: string,
): Promise<Coded | undefined> {
  const { scales, zeros, grid } = coded;
  const count = groupCount(coded, shape);
  const read = (of: Numbers, suffix: string) => readNumbers(of, count, find, prefix + suffix);
  const [scale, zero] = [
    scales && (await read(scales, '_scales')),
    zeros && (await read(zeros, '_zero_points')),
  ];
  const table = grid === 'integer' || grid.shared === 'fixed' ? grid : await readTable(grid, find);
  if ((scales && !scale) || (zeros && !zero) || table === undefined) return undefined;
  return { ...coded, grid: table, ...(scale && { scales: scale }), ...(zero && { zeros: zero }) };
}

async function readTable(table: Exclude<Coded['grid'], 'integer'>, find: Find) {
  if (table.shared === 'fixed') return table;
  const values = await numbersOf(find('_table'));
  return values && { ...table, values };
}

async function readNumbers(
  numbers: Numbers,
  count: number,
  find: Find,
  suffix: string,
): Promise<Numbers | undefined> {
  if (isPlain(numbers)) {
    const values = await numbersOf(find(suffix));
    return values?.length === count ? { ...numbers, values } : undefined;
  }
  const { coded } = numbers;
  const filled = await withNumbers(coded, { rows: 1, columns: count }, find, suffix);
  const codes = filled && (await codesIn(coded, count, find, suffix));
  return codes && { coded: { ...filled, codes } };
}

/** Codes of one row, from the planes they are packed in. */
async function codesIn(
  { bits }: Coded,
  count: number,
  find: Find,
  prefix: string,
): Promise<Uint8Array | undefined> {
  const codes = new Uint8Array(count);
  for (const { bits: width, shift } of planesOf(bits)) {
    const bytes = await find(`${prefix}_q${bits}${shift > 0 ? '_high' : ''}`)?.data.read();
    if (bytes === undefined || bytes.length * 8 < count * width) return undefined;
    unpackCodes(bytes, width, count).forEach((part, i) => (codes[i] |= part << shift));
  }
  return codes;
}

async function numbersOf(tensor: Tensor | undefined): Promise<Float32Array | undefined> {
  const bytes = await tensor?.data.read();
  if (tensor === undefined || bytes === undefined) return undefined;
  const { dataType, dims } = tensor;
  if (!isFloatType(dataType)) return Float32Array.from(bytes);
  return toFloat32(dataType, bytes, elementCount(dims));
}

function codesOf(coded: Coded, shape: Shape, values: Float32Array): Uint8Array | undefined {
  const { grid, bits } = coded;
  const positions = gridPositions(coded, shape, values);
  if (grid === 'integer') {
    return Uint8Array.from(positions, (at) => Math.min(2 ** bits - 1, Math.max(0, Math.round(at))));
  }
  if (grid.values === undefined) return undefined;
  const codes = new Uint8Array(positions.length);
  const entries = 2 ** bits;
  const [count, width] = grid.shared === 'row' ? [shape.rows, shape.columns] : [1, codes.length];
  for (let r = 0; r < count; r++) {
    const table = grid.values.subarray(r * entries, (r + 1) * entries);
    nearestCodes(table, positions.subarray(r * width, (r + 1) * width), codes, r * width);
  }
  return codes;
}

/** The codes of the nearest entries. WHY nearest: a value over its scale is its entry but for rounding. */
function nearestCodes(table: Float32Array, at: Float32Array, codes: Uint8Array, from: number) {
  const order = Uint8Array.from(table, (_, code) => code).sort((a, b) => table[a] - table[b]);
  at.forEach((position, i) => {
    let [below, above] = [0, order.length - 1];
    while (above - below > 1) {
      const middle = (below + above) >> 1;
      if (table[order[middle]] <= position) below = middle;
      else above = middle;
    }
    const up = table[order[above]] - position < position - table[order[below]];
    codes[from + i] = order[up ? above : below];
  });
}
