import { packCodes } from '../../kernels/pack.ts';
import { DataType } from '../../tensor/data-type.ts';
import { wordColumns } from '../coded/layout.ts';
import { cut, flat, unpack } from '../coded/unpack.ts';
import type { Emitter } from '../emitter.ts';
import type { Codec, Connection, Form, Nest, Site, StoredTensor } from '../form.ts';
import { matrixOf, prefixed, wholeSite } from '../inner.ts';
import { planned, requireKind } from '../problems.ts';
import type { Masked, Shape } from '../types.ts';

/**
 * Stored sparse: one bit per entry and the kept values. In the graph the bits are unpacked, their running
 * sum says which kept value an entry has, and entry 0 of [0, values…] stands for all the others.
 */
export const masked: Codec<Masked> = {
  opset: () => 11,
  form: maskedForm,
  decode: decodeMasked,
  // Which of the kept values share a grid says nothing about where in the matrix they stand.
  group: () => undefined,
  did: () => 'stored sparse',
  key: ({ keep, values }, nest) => `masked(${keep} ${nest.key(values)})`,
};

/** The shape of the kept values; one value when nothing is kept, because tensors cannot be empty. */
function keptShape({ keep }: Masked): Shape {
  return { rows: 1, columns: Math.max(keep, 1) };
}

function maskedForm(structure: Masked, site: Site, nest: Nest): Form {
  const inner = nest.form(structure.values, wholeSite(site, keptShape(structure)));
  return {
    id: 'masked',
    tensors: (encoded) => {
      const weight = requireKind(encoded, 'masked');
      return [maskTensor(weight, site), ...prefixed('_kept', inner.tensors(weight.values))];
    },
    connect: (emit, [mask, ...names]) => {
      const values = inner.connect(emit, names);
      let value: string | undefined;
      const connection: Connection = {
        value: () => {
          value ??= scatter(emit, mask, matrixOf(emit, values, 'out-in'), site);
          return { value, layout: 'out-in', elementType: DataType.float32, unfolded: true };
        },
      };
      return connection;
    },
  };
}

function maskTensor({ mask }: Masked, { rows, columns }: Shape): StoredTensor {
  const bytes = mask && packCodes(mask, 1);
  const dims = [Math.ceil((rows * columns) / 8)];
  return { suffix: '_mask', dims, dataType: DataType.uint8, ...(bytes && { bytes }) };
}

function scatter(emit: Emitter, mask: string, values: string, { rows, columns }: Shape): string {
  const count = rows * columns;
  const padded = wordColumns(1, count);
  const bits = cut(emit, unpack(emit, mask, 1, padded), padded, count);
  const kept = emit.op('Cast', [bits], { to: DataType.int32 });
  const position = emit.op('CumSum', [kept, emit.integer(1)]);
  const at = emit.op('Mul', [position, kept]);
  const table = emit.op('Concat', [emit.floats('none', [0], [1, 1]), values], { axis: 1 });
  const line = emit.op('Reshape', [table, emit.integers([-1])]);
  return flat(emit, emit.op('Gather', [line, at], { axis: 0 }), columns);
}

function decodeMasked(encoded: Masked, shape: Shape, nest: Nest): Float32Array {
  const { mask = planned(), values } = encoded;
  const kept = nest.decode(values, keptShape(encoded));
  const out = new Float32Array(shape.rows * shape.columns);
  let next = 0;
  mask.forEach((bit, i) => {
    if (bit !== 0) out[i] = kept[next++];
  });
  return out;
}
