import { DataType } from '../../tensor/data-type.ts';
import type { Codec, Connection, Form, Nest, Site } from '../form.ts';
import {
  adapterTensors,
  innerSite,
  matrixOf,
  multiply,
  prefixed,
  rowsOf,
  wholeSite,
} from '../inner.ts';
import { requireKind } from '../problems.ts';
import type { Product, Shape } from '../types.ts';

/** Ŵ = L·R: a layer multiplies with the two thin matrices one after the other, (x·Rᵀ)·Lᵀ. */
export const product: Codec<Product> = {
  opset: () => 1,
  form: productForm,
  decode: decodeProduct,
  group: () => undefined,
  did: () => 'factored',
  key: ({ rank, left, right, adapter }, nest) =>
    `${adapter ? 'adapter' : 'product'}(${rank} ${nest.key(left)} ${nest.key(right)})`,
};

function productForm(structure: Product, site: Site, nest: Nest): Form {
  const { rows, columns } = site;
  const { rank } = structure;
  const left = nest.form(structure.left, innerSite(site, { rows, columns: rank }));
  // A look-up picks rows of L and multiplies them with the whole of R.
  const siteOf = site.uses.every(({ op }) => op === 'Gather') ? wholeSite : innerSite;
  const right = nest.form(structure.right, siteOf(site, { rows: rank, columns }));
  const leftCount = left.tensors(structure.left).length;
  return {
    id: 'product',
    tensors: (encoded) => {
      const both = requireKind(encoded, 'product');
      const name = structure.adapter ? adapterTensors : prefixed;
      const [leftName, rightName] = structure.adapter
        ? ['.lora_B', '.lora_A']
        : ['_left', '_right'];
      return [
        ...name(leftName, left.tensors(both.left)),
        ...name(rightName, right.tensors(both.right)),
      ];
    },
    connect: (emit, names): Connection => {
      const l = left.connect(emit, names.slice(0, leftCount));
      const r = right.connect(emit, names.slice(leftCount));
      let value: string | undefined;
      return {
        value: () => {
          value ??= emit.op('MatMul', [matrixOf(emit, l, 'out-in'), matrixOf(emit, r, 'out-in')]);
          return { value, layout: 'out-in', elementType: DataType.float32, unfolded: true };
        },
        multiply: (x, target) => {
          const { elementType } = target;
          return multiply(emit, l, multiply(emit, r, x, { elementType }), target);
        },
        rows: (picked) => emit.op('MatMul', [rowsOf(emit, l, picked), matrixOf(emit, r, 'out-in')]),
      };
    },
  };
}

/** Sums in float64, rounded once: the graph's own order of summation is the runtime's choice. */
function decodeProduct({ rank, left, right }: Product, shape: Shape, nest: Nest): Float32Array {
  const { rows, columns } = shape;
  const l = nest.decode(left, { rows, columns: rank });
  const r = nest.decode(right, { rows: rank, columns });
  const out = new Float32Array(rows * columns);
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    sums.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = l[i * rank + k];
      for (let c = 0; c < columns; c++) sums[c] += factor * r[k * columns + c];
    }
    out.set(sums, i * columns);
  }
  return out;
}
