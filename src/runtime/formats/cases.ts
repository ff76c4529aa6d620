import {
  E2M1,
  E8M0,
  fixedTable,
  FP4,
  NF4,
  SIGNS,
  type Coded,
  type Encoded,
  type Numbers,
} from '../../core/encodings/index.ts';
import { DataType } from '../../core/tensor/data-type.ts';

/** How the layer of a probe uses its weight: as a product, one with a transposed input, or a look-up. */
export type ProbeUse = 'MatMul' | 'Gemm-transA' | 'Gather';

/** One form of weight in one use, without values. */
export interface FormatCase {
  readonly id: string;
  /** What it is listed under: operator or kind, and width. */
  readonly group: string;
  readonly use: ProbeUse;
  readonly encoded: Encoded;
  /** What `writeEncodings` must choose for it. */
  readonly form: string;
  /** The input is rounded to 8 bits as it comes. */
  readonly roundsInput?: boolean;
}

/** The matrix of every probe: several blocks of every size in a row. */
export const SHAPE = { rows: 32, columns: 256 } as const;

const BLOCKS = [16, 32, 64, 128, 256] as const;
const FLOAT32: Numbers = { dataType: DataType.float32 };
const FLOAT16: Numbers = { dataType: DataType.float16 };
const CODE_ZEROS: Numbers = { dataType: DataType.uint8 };

type Size = number | 'channel' | 'tensor';

/** Codes over an integer grid with float32 scales, unless more is said. */
function codes(bits: Coded['bits'], size: Size, more: Partial<Coded> = {}): Coded {
  return {
    kind: 'coded',
    bits,
    grid: 'integer',
    granularity: typeof size === 'number' ? 'block' : size,
    groupSize: typeof size === 'number' ? size : SHAPE.columns,
    scales: FLOAT32,
    ...more,
  };
}

const GRIDS = [
  ['symmetric', {}],
  ['zero points', { zeros: CODE_ZEROS }],
  ['float16 scales', { scales: FLOAT16 }],
  ['zero points, float16 scales', { zeros: CODE_ZEROS, scales: FLOAT16 }],
] as const satisfies readonly (readonly [string, Partial<Coded>])[];

function grids(
  group: string,
  form: string,
  use: ProbeUse,
  bits: readonly Coded['bits'][],
  sizes: readonly Size[],
): FormatCase[] {
  return bits.flatMap((b) =>
    sizes.flatMap((size) =>
      GRIDS.map(([name, more]) => ({
        id: `${form} ${b} bits, ${size}, ${name}${use === 'Gather' ? ', look-up' : ''}`,
        group: `${group}, ${b} bits`,
        ...{ use, form },
        encoded: codes(b, size, more),
      })),
    ),
  );
}

/** The same expression as a product and as a look-up. */
function both(group: string, id: string, encoded: Encoded, form = 'packed'): FormatCase[] {
  return (['MatMul', 'Gather'] as const).map((use) => ({
    id: `${id}${use === 'Gather' ? ', look-up' : ''}`,
    ...{ group, use, encoded, form },
  }));
}

function product(group: string, id: string, encoded: Encoded, form: string): FormatCase {
  return { id, group, use: 'MatMul', encoded, form };
}

const NATIVE: readonly FormatCase[] = [
  ...grids('MatMulNBits', 'matmul-nbits', 'MatMul', [2, 4, 8], BLOCKS),
  ...grids('GatherBlockQuantized', 'gather-block-quantized', 'Gather', [2, 4, 8], BLOCKS),
  ...BLOCKS.flatMap((size) =>
    [NF4, FP4].map((grid) => ({
      id: `matmul-bnb4 ${grid.name}, ${size}`,
      group: `MatMulBnb4, ${grid.name.toUpperCase()}`,
      use: 'MatMul' as const,
      encoded: codes(4, size, { grid }),
      form: 'matmul-bnb4',
    })),
  ),
  ...grids('DequantizeLinear per tensor', 'qdq', 'MatMul', [4, 8], ['tensor']),
  ...grids('DequantizeLinear per channel', 'qdq', 'MatMul', [8], ['channel']),
  ...grids('DequantizeLinear per channel', 'qdq', 'Gemm-transA', [4], ['channel']),
  ...grids('DequantizeLinear in blocks', 'qdq', 'Gemm-transA', [4, 8], [16, 32, 128]),
  ...(['channel', 'tensor'] as const).map((size) => ({
    id: `matmul-integer 8 bits, ${size}`,
    group: 'DynamicQuantizeLinear + MatMulInteger',
    use: 'MatMul' as const,
    encoded: codes(8, size),
    form: 'matmul-integer',
    roundsInput: true,
  })),
  {
    id: 'matmul-nbits 4 bits, 32, input rounded',
    group: 'DynamicQuantizeLinear + DequantizeLinear on the input',
    use: 'MatMul',
    encoded: codes(4, 32),
    form: 'matmul-nbits',
    roundsInput: true,
  },
];

/** ±2^k, k = −7 … 0: the levels of 4-bit powers of two. */
const POWERS = fixedTable(
  'powers',
  [1, -1].flatMap((sign) => [0, 1, 2, 3, 4, 5, 6, 7].map((k) => sign * 2 ** -k)),
);

const half = (dataType: number): Encoded => ({ kind: 'plain', dataType });
const FLOAT = half(DataType.float32);

const CODES: readonly FormatCase[] = [
  ...both(
    'packed codes, float16 scales',
    'packed 3 bits, 32, float16 scales',
    codes(3, 32, { scales: FLOAT16 }),
  ),
  ...([1, 3, 5, 6, 7] as const).flatMap((bits) =>
    ([32, 48, 'channel'] as const).flatMap((size) =>
      both(
        `packed codes, ${bits} bits`,
        `packed ${bits} bits, ${size}`,
        codes(bits, size, { zeros: CODE_ZEROS }),
      ),
    ),
  ),
  ...([2, 3, 4] as const).flatMap((bits) =>
    both(
      'packed codes, float zeros (HQQ)',
      `packed ${bits} bits, 64, float zeros`,
      codes(bits, 64, { zeros: FLOAT16, scales: FLOAT16 }),
    ),
  ),
  ...both('table codes', 'powers of two', codes(4, 'channel', { grid: POWERS })),
  ...both(
    'table codes',
    'MXFP4 with e8m0 scales',
    codes(4, 32, {
      grid: E2M1,
      scales: {
        coded: { ...codes(8, 'tensor', { grid: E8M0 }), scales: undefined },
      },
    }),
  ),
  ...both(
    'table codes',
    'NF4 with coded scales',
    codes(4, 64, { grid: NF4, scales: { coded: codes(8, 32, { zeros: FLOAT32 }) } }),
  ),
  ...([3, 4] as const).flatMap((bits) =>
    both(
      'table codes, one table per row (k-means)',
      `k-means ${bits} bits`,
      codes(bits, 'channel', {
        grid: { shared: 'row', dataType: DataType.float16 },
        scales: undefined,
      }),
    ),
  ),
  ...both(
    'table codes',
    'one table per tensor',
    codes(6, 'tensor', {
      grid: { shared: 'tensor', dataType: DataType.float32 },
      scales: undefined,
    }),
  ),
  ...([2, 4] as const).flatMap((vector) =>
    both(
      'table codes, one table of vectors',
      `vectors of ${vector}, 6 bits`,
      codes(6, 64, { grid: { shared: 'tensor', dataType: DataType.float32, vector } }),
    ),
  ),
];

const OTHERS: readonly FormatCase[] = [
  ...both('float16 storage', 'float16', half(DataType.float16), 'plain'),
  ...both('bfloat16 storage', 'bfloat16', half(DataType.bfloat16), 'plain'),
  ...both('float8 storage', 'float8 e4m3fn', half(DataType.float8e4m3fn), 'plain'),
  ...both(
    'product (low rank)',
    'product',
    { kind: 'product', rank: 8, left: FLOAT, right: FLOAT },
    'product',
  ),
  ...both(
    'product (low rank)',
    'product of 4-bit codes',
    { kind: 'product', rank: 32, left: codes(4, 32), right: codes(4, 32) },
    'product',
  ),
  ...both(
    'Kronecker',
    'two Kronecker products',
    { kind: 'kronecker', count: 2, rows: 8, columns: 16, left: FLOAT, right: FLOAT },
    'kronecker',
  ),
  ...both(
    'sum',
    'binary-coded, 3 planes',
    { kind: 'sum', parts: [1, 2, 3].map(() => codes(1, 'channel', { grid: SIGNS })) },
    'sum',
  ),
  ...both(
    'sum',
    '4-bit codes + low rank',
    {
      kind: 'sum',
      parts: [codes(4, 32), { kind: 'product', rank: 4, left: FLOAT, right: FLOAT }],
    },
    'sum',
  ),
  ...both('masked', 'half kept', { kind: 'masked', keep: 4096, values: FLOAT }, 'masked'),
  ...both(
    'masked',
    'a tenth kept, in 8-bit codes',
    { kind: 'masked', keep: 819, values: codes(8, 64) },
    'masked',
  ),
  ...both(
    'sparse',
    'a thousandth kept',
    { kind: 'sparse', keep: 8, gapBits: 16, values: FLOAT },
    'sparse',
  ),
  ...both(
    'sparse',
    'a hundredth kept',
    { kind: 'sparse', keep: 82, gapBits: 9, values: FLOAT },
    'sparse',
  ),
  ...both(
    'sum',
    '4-bit codes + a hundredth kept',
    {
      kind: 'sum',
      parts: [codes(4, 32), { kind: 'sparse', keep: 82, gapBits: 10, values: FLOAT }],
    },
    'sum',
  ),
  ...both(
    'scaled',
    'by column',
    { kind: 'scaled', axis: 'columns', by: FLOAT32, of: codes(4, 32) },
    'scaled',
  ),
  ...both(
    'scaled',
    'by row',
    { kind: 'scaled', axis: 'rows', by: FLOAT16, of: codes(3, 32) },
    'scaled',
  ),
  ...both(
    'split',
    'three columns in float32, the others in 8-bit codes',
    {
      ...{ kind: 'split', columns: [0, 5, 63], kept: FLOAT },
      rest: codes(8, 'channel', { groupSize: SHAPE.columns - 3 }),
    },
    'split',
  ),
  product(
    'scaled',
    'by row of a kernel',
    { kind: 'scaled', axis: 'rows', by: FLOAT32, of: codes(8, 32) },
    'scaled',
  ),
];

/** Every form the writer can choose, in every width, block size, type of scale and use. */
export const FORMAT_CASES: readonly FormatCase[] = [...NATIVE, ...CODES, ...OTHERS];
