import { packCodes } from '../../kernels/pack.ts';
import { DataType } from '../../tensor/data-type.ts';
import { wordColumns } from '../coded/layout.ts';
import { cut, flat, toFloat, unpack } from '../coded/unpack.ts';
import { bytesOf, type Emitter } from '../emitter.ts';
import type { Codec, Connection, Form, Nest, Site, StoredTensor } from '../form.ts';
import { matrixOf, prefixed, wholeSite } from '../inner.ts';
import { planned, requireKind } from '../problems.ts';
import type { Entry, Group, Shape, Sparse } from '../types.ts';
import { gapsOf, highBits } from './gaps.ts';

/**
 * Stored sparse: gaps of 8 to 16 bits and the kept values, which below 6 % takes fewer bytes than a bit for each entry. In the
 * graph the running sum of the gaps says where the values go, and they are scattered over zeros.
 */
export const sparse: Codec<Sparse> = {
  opset: () => 11,
  form: sparseForm,
  decode: decodeSparse,
  group: groupOfZeros,
  did: () => 'stored sparse',
  key: ({ keep, gapBits, values }, nest) => `sparse(${keep} ${gapBits} ${nest.key(values)})`,
};

function sparseForm(structure: Sparse, site: Site, nest: Nest): Form {
  const shape = { rows: 1, columns: structure.keep };
  const inner = nest.form(structure.values, wholeSite(site, shape));
  const planes = highBits(structure.gapBits) > 0 ? 2 : 1;
  return {
    id: 'sparse',
    tensors: (encoded) => {
      const weight = requireKind(encoded, 'sparse');
      return [...gapTensors(weight), ...prefixed('_kept', inner.tensors(weight.values))];
    },
    connect: (emit, names) => {
      const values = inner.connect(emit, names.slice(planes));
      let value: string | undefined;
      const connection: Connection = {
        value: () => {
          value ??= scatter(
            emit,
            positions(emit, structure, names.slice(0, planes)),
            matrixOf(emit, values, 'out-in'),
            site,
          );
          return { value, layout: 'out-in', elementType: DataType.float32, unfolded: true };
        },
      };
      return connection;
    },
  };
}

function gapTensors({ keep, gapBits, positions }: Sparse): StoredTensor[] {
  const gaps = positions && gapsOf(positions);
  const dataType = DataType.uint8;
  if (gapBits === 16) {
    // WHY bytes: WebGPU takes no uint16.
    const bytes = gaps && bytesOf(gaps);
    return [{ suffix: '_gaps', dims: [keep, 2], dataType, ...(bytes && { bytes }) }];
  }
  const dims = [1, keep];
  const low: StoredTensor = {
    ...{ suffix: '_gaps', dims, dataType },
    ...(gaps && { bytes: Uint8Array.from(gaps, (gap) => gap & 255) }),
  };
  const bits = highBits(gapBits);
  if (bits === 0) return [low];
  const high: StoredTensor = {
    ...{ suffix: '_gaps_high', dims: [Math.ceil((keep * bits) / 8)], dataType },
    ...(gaps && {
      bytes: packCodes(
        Uint8Array.from(gaps, (gap) => gap >> 8),
        bits,
      ),
    }),
  };
  return [low, high];
}

/** int32 [1, keep]. */
function positions(
  emit: Emitter,
  { keep, gapBits }: Sparse,
  [low, high]: readonly string[],
): string {
  const bits = highBits(gapBits);
  const narrow = bits === 0 ? low : joined(emit, low, { high, bits, keep });
  const gaps = gapBits === 16 ? wholeBytes(emit, low) : narrow;
  return emit.op('CumSum', [emit.op('Cast', [gaps], { to: DataType.int32 }), emit.integer(1)]);
}

/** Two bytes each, the lower first, as one number; exact in float32. */
function wholeBytes(emit: Emitter, bytes: string): string {
  const places = emit.floats('word_16bit', [1, 256], [2, 1]);
  const words = emit.op('MatMul', [toFloat(emit, bytes), places]);
  return emit.op('Reshape', [words, emit.integers([1, -1])]);
}

interface High {
  readonly high: string;
  readonly bits: 1 | 2 | 4;
  readonly keep: number;
}

/** low + 256·high, exact in float32. */
function joined(emit: Emitter, low: string, { high, bits, keep }: High): string {
  const padded = wordColumns(bits, keep);
  const upper = cut(emit, unpack(emit, high, bits, padded), padded, keep);
  const above = emit.op('Mul', [upper, emit.floats('byte', [256])]);
  return emit.op('Add', [toFloat(emit, low), above]);
}

function scatter(emit: Emitter, at: string, values: string, { rows, columns }: Shape): string {
  const zeros = emit.op('ConstantOfShape', [emit.integers([1, rows * columns])]);
  return flat(emit, emit.op('ScatterElements', [zeros, at, values], { axis: 1 }), columns);
}

function decodeSparse(encoded: Sparse, shape: Shape, nest: Nest): Float32Array {
  const { keep, positions = planned(), values } = encoded;
  const kept = nest.decode(values, { rows: 1, columns: keep });
  const out = new Float32Array(shape.rows * shape.columns);
  positions.forEach((position, i) => (out[position] = kept[i]));
  return out;
}

/** What is not kept can only be zero; a kept value shares its grid with none. */
function groupOfZeros(
  { positions = planned() }: Sparse,
  { rows, columns }: Shape,
  { row, column }: Entry,
): Group | undefined {
  if (positions.includes(row * columns + column)) return undefined;
  return {
    rows: { from: 0, end: rows },
    columns: { from: 0, end: columns },
    ...{ bits: 0, scale: 1, levels: Float32Array.of(0) },
  };
}
