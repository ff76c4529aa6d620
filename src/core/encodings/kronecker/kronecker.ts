import { DataType } from '../../tensor/data-type.ts';
import type { Emitter } from '../emitter.ts';
import type { Codec, Connection, Form, Nest, ProductTarget, Site } from '../form.ts';
import { innerSite, matrixOf, multiply, prefixed, wholeSite } from '../inner.ts';
import { requireKind } from '../problems.ts';
import type { Kronecker, Shape } from '../types.ts';

/**
 * Ŵ = Σ_t A_t ⊗ B_t: a layer turns x into a matrix X [n₁, n₂] of each row, and Y = Σ_t A_t·X·B_tᵀ back into a row: two
 * products for all terms together.
 */
export const kronecker: Codec<Kronecker> = {
  // Slice with its ranges as inputs.
  opset: () => 10,
  form: kroneckerForm,
  decode: decodeKronecker,
  group: () => undefined,
  did: () => 'factored',
  key: ({ count, rows, columns, left, right }, nest) =>
    `kronecker(${count} ${rows}×${columns} ${nest.key(left)} ${nest.key(right)})`,
};

/** Sizes of the factors: A [m₁, n₁], B [m₂, n₂], and how many pairs of them. */
interface Sizes {
  readonly count: number;
  readonly m1: number;
  readonly n1: number;
  readonly m2: number;
  readonly n2: number;
}

function sizesOf({ count, rows: m1, columns: n1 }: Kronecker, { rows, columns }: Shape): Sizes {
  return { count, m1, n1, m2: rows / m1, n2: columns / n1 };
}

function leftShape({ count, m1, n1 }: Sizes): Shape {
  return { rows: m1, columns: count * n1 };
}

function rightShape({ count, m2, n2 }: Sizes): Shape {
  return { rows: count * m2, columns: n2 };
}

function kroneckerForm(structure: Kronecker, site: Site, nest: Nest): Form {
  const sizes = sizesOf(structure, site);
  const left = nest.form(structure.left, wholeSite(site, leftShape(sizes)));
  // A look-up makes the whole weight first.
  const siteOf = site.uses.every(({ op }) => op === 'Gather') ? wholeSite : innerSite;
  const right = nest.form(structure.right, siteOf(site, rightShape(sizes)));
  const leftCount = left.tensors(structure.left).length;
  return {
    id: 'kronecker',
    tensors: (encoded) => {
      const both = requireKind(encoded, 'kronecker');
      return [
        ...prefixed('_left', left.tensors(both.left)),
        ...prefixed('_right', right.tensors(both.right)),
      ];
    },
    connect: (emit, names): Connection => {
      const a = left.connect(emit, names.slice(0, leftCount));
      const b = right.connect(emit, names.slice(leftCount));
      let value: string | undefined;
      return {
        value: () => {
          value ??= wholeWeight(emit, sizes, a, b);
          return { value, layout: 'out-in', elementType: DataType.float32, unfolded: true };
        },
        multiply: (x, target) => twoProducts(emit, sizes, a, b, { x, target }),
      };
    },
  };
}

/** Y = Σ_t A_t·X·B_tᵀ: X·[B_1; B_2; …]ᵀ, its parts below each other, then [A_1 A_2 …] times that. */
function twoProducts(
  emit: Emitter,
  { count, m1, n1, m2, n2 }: Sizes,
  a: Connection,
  b: Connection,
  { x, target }: { readonly x: string; readonly target: ProductTarget },
): string {
  const { elementType, output } = target;
  const matrices = emit.op('Reshape', [x, emit.integers([-1, n1, n2])]);
  let inner = multiply(emit, b, matrices, { elementType });
  if (count > 1) {
    const parts = emit.op('Reshape', [inner, emit.integers([-1, n1, count, m2])]);
    const turned = emit.op('Transpose', [parts], { perm: [0, 2, 1, 3] });
    inner = emit.op('Reshape', [turned, emit.integers([-1, count * n1, m2])]);
  }
  const made = emit.op('MatMul', [matrixOf(emit, a, 'out-in', elementType), inner]);
  const shape = emit.op('Shape', [x]);
  const range = [emit.integers([0]), emit.integers([-1])];
  const leading = emit.op('Slice', [shape, ...range]);
  const dims = emit.op('Concat', [leading, emit.integers([m1 * m2])], { axis: 0 });
  return emit.op('Reshape', [made, dims], {}, output === undefined ? {} : { output });
}

/** Ŵ as one value, for readers that are no plain product: Σ_t vec(A_t)·vec(B_t)ᵀ, its axes put in order. */
function wholeWeight(
  emit: Emitter,
  { count, m1, n1, m2, n2 }: Sizes,
  a: Connection,
  b: Connection,
): string {
  const lefts = emit.op('Reshape', [matrixOf(emit, a, 'out-in'), emit.integers([m1, count, n1])]);
  const byEntry = emit.op('Transpose', [lefts], { perm: [0, 2, 1] });
  const columns = emit.op('Reshape', [byEntry, emit.integers([m1 * n1, count])]);
  const rows = emit.op('Reshape', [matrixOf(emit, b, 'out-in'), emit.integers([count, m2 * n2])]);
  const blocks = emit.op('MatMul', [columns, rows]);
  const four = emit.op('Reshape', [blocks, emit.integers([m1, n1, m2, n2])]);
  const turned = emit.op('Transpose', [four], { perm: [0, 2, 1, 3] });
  return emit.op('Reshape', [turned, emit.integers([m1 * m2, n1 * n2])]);
}

/** Sums in float64, rounded once. */
function decodeKronecker(encoded: Kronecker, shape: Shape, nest: Nest): Float32Array {
  const sizes = sizesOf(encoded, shape);
  const { count, n1, m2, n2 } = sizes;
  const a = nest.decode(encoded.left, leftShape(sizes));
  const b = nest.decode(encoded.right, rightShape(sizes));
  const out = new Float32Array(shape.rows * shape.columns);
  for (let i = 0; i < shape.rows; i++)
    for (let j = 0; j < shape.columns; j++) {
      const [i1, i2] = [Math.floor(i / m2), i % m2];
      const [j1, j2] = [Math.floor(j / n2), j % n2];
      let sum = 0;
      for (let t = 0; t < count; t++)
        sum += a[i1 * count * n1 + t * n1 + j1] * b[(t * m2 + i2) * n2 + j2];
      out[i * shape.columns + j] = sum;
    }
  return out;
}
