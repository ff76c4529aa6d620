import { DataType } from '../../tensor/data-type.ts';
import type { Emitter } from '../emitter.ts';
import type { Codec, Connection, Form, Nest, ProductTarget, Site } from '../form.ts';
import { innerSite, matrixOf, multiply, prefixed, rowsOf } from '../inner.ts';
import { requireKind } from '../problems.ts';
import type { Shape, Split } from '../types.ts';
import { othersOf, restColumn } from './columns.ts';

/**
 * Some columns apart: Y = X[:,O]·Ŵ[:,O]ᵀ + X[:,¬O]·Ŵ[:,¬O]ᵀ. A product gathers both parts of its input, so that only the
 * rest is rounded where inputs are; whoever reads the whole weight gets its columns put together again.
 */
export const split: Codec<Split> = {
  opset: () => 11,
  form: splitForm,
  decode: (encoded, shape, nest) => {
    const { columns } = encoded;
    const kept = nest.decode(encoded.kept, keptShape(encoded, shape));
    const rest = nest.decode(encoded.rest, restShape(encoded, shape));
    const out = new Float32Array(shape.rows * shape.columns);
    spread(out, shape, columns, kept);
    spread(out, shape, othersOf(columns, shape.columns), rest);
    return out;
  },
  group: (encoded, shape, { row, column }, nest) => {
    const at = restColumn(encoded.columns, column);
    if (at === undefined) return undefined;
    const found = nest.group(encoded.rest, restShape(encoded, shape), { row, column: at });
    // Columns apart that lie between have no grid.
    const others = othersOf(encoded.columns, shape.columns);
    const { from, end } = found?.columns ?? { from: 0, end: 1 };
    return found && { ...found, columns: { from: others[from], end: others[end - 1] + 1 } };
  },
  did: ({ rest }, nest) => nest.did(rest),
  key: ({ columns, kept, rest }, nest) =>
    `split(${columns.join()} ${nest.key(kept)} ${nest.key(rest)})`,
};

function keptShape({ columns }: Split, { rows }: Shape): Shape {
  return { rows, columns: columns.length };
}

function restShape({ columns }: Split, shape: Shape): Shape {
  return { rows: shape.rows, columns: shape.columns - columns.length };
}

function spread(
  out: Float32Array,
  { rows, columns }: Shape,
  places: readonly number[],
  part: Float32Array,
): void {
  const width = places.length;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < width; c++) out[r * columns + places[c]] = part[r * width + c];
  }
}

function splitForm(structure: Split, site: Site, nest: Nest): Form {
  const kept = nest.form(structure.kept, innerSite(site, keptShape(structure, site)));
  const rest = nest.form(structure.rest, restSite(structure, site));
  const restCount = rest.tensors(structure.rest).length;
  return {
    id: 'split',
    ...(rest.roundsInput && { roundsInput: true }),
    tensors: (encoded) => {
      const weight = requireKind(encoded, 'split');
      return [...rest.tensors(weight.rest), ...prefixed('_outliers', kept.tensors(weight.kept))];
    },
    connect: (emit, names) =>
      connect(emit, structure, site, {
        rest: rest.connect(emit, names.slice(0, restCount)),
        kept: kept.connect(emit, names.slice(restCount)),
      }),
  };
}

/** The rest is multiplied as the whole was to be: with its input rounded where that was asked for. */
function restSite(structure: Split, site: Site): Site {
  const inner = innerSite(site, restShape(structure, site));
  const uses = inner.uses.map((use, i) => {
    const { input } = site.uses[i];
    return { ...use, ...(input && { input }) };
  });
  return { ...inner, uses };
}

interface Parts {
  readonly kept: Connection;
  readonly rest: Connection;
}

function connect(emit: Emitter, { columns }: Split, site: Site, { kept, rest }: Parts): Connection {
  const others = othersOf(columns, site.columns);
  const back = inverse([...columns, ...others]);
  const together = (a: string, b: string): string =>
    emit.op('Gather', [emit.op('Concat', [a, b], { axis: 1 }), emit.indices(back)], { axis: 1 });
  const product = (x: string, { elementType, output }: ProductTarget): string => {
    const part = (which: readonly number[]) =>
      emit.op('Gather', [x, emit.indices(which)], { axis: -1 });
    const float = multiply(emit, kept, part(columns), { elementType });
    const integer = multiply(emit, rest, part(others), { elementType });
    return emit.op('Add', [float, integer], {}, output === undefined ? {} : { output });
  };
  let value: string | undefined;
  return {
    multiply: product,
    value: () => {
      value ??= together(matrixOf(emit, kept, 'out-in'), matrixOf(emit, rest, 'out-in'));
      return { value, layout: 'out-in', elementType: DataType.float32, unfolded: true };
    },
    rows: (picked) => together(rowsOf(emit, kept, picked), rowsOf(emit, rest, picked)),
  };
}

function inverse(order: readonly number[]): number[] {
  const places = new Array<number>(order.length).fill(0);
  order.forEach((column, at) => (places[column] = at));
  return places;
}
