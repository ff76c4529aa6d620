import { readNumbers, numberTensors } from '../coded/store.ts';
import { decodeNumbers, keyOfNumbers } from '../coded/decode.ts';
import { numbersTensors } from '../coded/tensors.ts';
import { castTo } from '../coded/unpack.ts';
import { DataType } from '../../tensor/data-type.ts';
import type { Emitter } from '../emitter.ts';
import type { Codec, Connection, Form, Nest, Site } from '../form.ts';
import { innerSite, matrixOf, multiply, prefixed, rowsOf } from '../inner.ts';
import { requireKind } from '../problems.ts';
import type { Entry, Group, Scaled, Shape } from '../types.ts';

/**
 * Ŵ = of ∘ by: one factor per column (what AWQ and SmoothQuant divide the input by, where that cannot
 * be folded into what comes before) or per row. Where the inner weight has a kernel, the layer scales
 * its input or output instead of the weight.
 */
export const scaled: Codec<Scaled> = {
  opset: () => 5,
  form: scaledForm,
  decode: decodeScaled,
  group: scaledGroup,
  did: ({ of }, nest) => nest.did(of),
  key: ({ axis, by, of }, nest) => `scaled(${axis} ${keyOfNumbers(by)} ${nest.key(of)})`,
};

function scaledForm(structure: Scaled, site: Site, nest: Nest): Form {
  const { axis, by } = structure;
  const inner = nest.form(structure.of, innerSite(site, site));
  const dims = [axis === 'columns' ? site.columns : site.rows];
  const count = numberTensors(by);
  return {
    id: 'scaled',
    tensors: (encoded) => {
      const scaledWeight = requireKind(encoded, 'scaled');
      return [
        ...numbersTensors(scaledWeight.by, '_by', dims),
        ...prefixed('_of', inner.tensors(scaledWeight.of)),
      ];
    },
    connect: (emit, names) => {
      const stored = readNumbers(emit, by, dims, names.slice(0, count));
      const factor = (elementType: number): string =>
        castTo(emit, stored.value, stored.dataType, elementType);
      return scaledConnection(emit, axis, factor, inner.connect(emit, names.slice(count)));
    },
  };
}

function scaledConnection(
  emit: Emitter,
  axis: Scaled['axis'],
  factor: (elementType: number) => string,
  inner: Connection,
): Connection {
  const byRow = axis === 'rows';
  const float = (): string => factor(DataType.float32);
  const wide = (value: string): string =>
    byRow ? emit.op('Reshape', [value, emit.integers([-1, 1])]) : value;
  const pick = (picked: string): string =>
    byRow ? emit.op('Gather', [float(), picked], { axis: 0 }) : float();
  let value: string | undefined;
  return {
    value: () => {
      value ??= emit.op('Mul', [matrixOf(emit, inner, 'out-in'), wide(float())]);
      return { value, layout: 'out-in', elementType: DataType.float32, unfolded: true };
    },
    ...(inner.multiply && {
      multiply: (x, { elementType, output }) => {
        if (!byRow) {
          const input = emit.op('Mul', [x, factor(elementType)]);
          return multiply(emit, inner, input, { elementType, ...(output && { output }) });
        }
        const y = multiply(emit, inner, x, { elementType });
        return emit.op('Mul', [y, factor(elementType)], {}, output ? { output } : {});
      },
    }),
    rows: (picked) => emit.op('Mul', [rowsOf(emit, inner, picked), wide(pick(picked))]),
  };
}

/** With a factor per column every weight has a grid of its own. */
function scaledGroup({ axis, by, of }: Scaled, shape: Shape, entry: Entry, nest: Nest) {
  const group = nest.group(of, shape, entry);
  if (group === undefined) return undefined;
  const byRow = axis === 'rows';
  const at = byRow ? entry.row : entry.column;
  const factor = decodeNumbers(by, byRow ? shape.rows : shape.columns)[at];
  const one = { from: at, end: at + 1 };
  return {
    ...group,
    ...(byRow ? { rows: one } : { columns: one }),
    scale: group.scale * factor,
    levels: group.levels.map((level) => level * factor),
  } satisfies Group;
}

function decodeScaled({ axis, by, of }: Scaled, shape: Shape, nest: Nest): Float32Array {
  const { rows, columns } = shape;
  const factors = decodeNumbers(by, axis === 'columns' ? columns : rows);
  return nest
    .decode(of, shape)
    .map((value, i) => value * factors[axis === 'columns' ? i % columns : Math.floor(i / columns)]);
}
