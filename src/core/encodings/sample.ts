import { DataType } from '../tensor/data-type.ts';
import { codeColumns, groupCount, vectorOf } from './coded/layout.ts';
import { isPlain } from './coded/tensors.ts';
import { largestGap, withinReach } from './sparse/gaps.ts';
import type { Coded, Encoded, Masked, Numbers, Shape, Sparse, Table } from './types.ts';

/** Uniform numbers in [0, 1). */
interface Random {
  next(): number;
}

/**
 * A planned expression with made-up values, for probes and tests: whole numbers over small powers of
 * two wherever the form lets values be chosen, so that sums of products are exact in float32.
 */
export function sampleOf(encoded: Encoded, shape: Shape, random: Random): Encoded {
  const { rows, columns } = shape;
  switch (encoded.kind) {
    case 'plain':
      return { ...encoded, values: eighths(rows * columns, random) };
    case 'coded':
      return sampleCoded(encoded, shape, random);
    case 'product': {
      const { rank, left, right } = encoded;
      return {
        ...encoded,
        left: sampleOf(left, { rows, columns: rank }, random),
        right: sampleOf(right, { rows: rank, columns }, random),
      };
    }
    case 'kronecker': {
      const { count, rows: m1, columns: n1, left, right } = encoded;
      const below = { rows: (count * rows) / m1, columns: columns / n1 };
      return {
        ...encoded,
        left: sampleOf(left, { rows: m1, columns: count * n1 }, random),
        right: sampleOf(right, below, random),
      };
    }
    case 'sum':
      return { ...encoded, parts: encoded.parts.map((part) => sampleOf(part, shape, random)) };
    case 'scaled': {
      const by = sampleNumbers(encoded.by, encoded.axis === 'rows' ? rows : columns, random);
      return { ...encoded, by, of: sampleOf(encoded.of, shape, random) };
    }
    case 'split': {
      const { length } = encoded.columns;
      const kept = sampleOf(encoded.kept, { rows, columns: length }, random);
      const rest = sampleOf(encoded.rest, { rows, columns: columns - length }, random);
      return { ...encoded, kept, rest };
    }
    case 'masked':
      return sampleMasked(encoded, shape, random);
    case 'sparse':
      return sampleSparse(encoded, shape, random);
  }
}

function sampleCoded(coded: Coded, shape: Shape, random: Random): Coded {
  const { bits, grid, scales, zeros } = coded;
  const count = groupCount(coded, shape);
  const codes = wholes(shape.rows * codeColumns(coded, shape.columns), 2 ** bits, random);
  return {
    ...coded,
    grid: grid === 'integer' ? grid : sampleTable(grid, bits, shape.rows, random),
    ...(scales && { scales: sampleNumbers(scales, count, random) }),
    ...(zeros && { zeros: sampleZeros(zeros, count, bits, random) }),
    codes: Uint8Array.from(codes),
  };
}

function sampleTable(table: Table, bits: number, rows: number, random: Random): Table {
  if (table.shared === 'fixed') return table;
  const tables = table.shared === 'row' ? rows : 1;
  return { ...table, values: eighths(tables * 2 ** bits * vectorOf({ grid: table }), random) };
}

/** Scales of 1/64 … 8/64; those that are coded get codes, 1/8 … 1 times a scale of their own. */
function sampleNumbers(numbers: Numbers, count: number, random: Random): Numbers {
  if (!isPlain(numbers)) {
    const coded = sampleCoded(numbers.coded, { rows: 1, columns: count }, random);
    // 2^−6 … 2^−2 where the codes are exponents.
    const exponents = coded.grid !== 'integer' && coded.bits === 8;
    const codes = wholes(count, exponents ? 5 : 16, random).map((c) => c + (exponents ? 121 : 0));
    return { coded: { ...coded, codes: Uint8Array.from(codes, (c) => c % 2 ** coded.bits) } };
  }
  return { ...numbers, values: wholes(count, 8, random).map((value) => (value + 1) / 64) };
}

/** Zeros anywhere in the grid: codes where they are integers, quarters where they are floats. */
function sampleZeros(zeros: Numbers, count: number, bits: number, random: Random): Numbers {
  if (!isPlain(zeros)) return sampleNumbers(zeros, count, random);
  const step = zeros.dataType === DataType.uint8 ? 1 : 0.25;
  return { ...zeros, values: wholes(count, 2 ** bits / step, random).map((v) => v * step) };
}

function sampleMasked(masked: Masked, { rows, columns }: Shape, random: Random): Masked {
  const count = rows * columns;
  const order = wholes(count, 2 ** 24, random);
  const kept = Array.from(order.keys())
    .sort((a, b) => order[a] - order[b] || a - b)
    .slice(0, masked.keep);
  const mask = new Uint8Array(count);
  for (const i of kept) mask[i] = 1;
  const shape = { rows: 1, columns: Math.max(masked.keep, 1) };
  return { ...masked, mask, values: sampleOf(masked.values, shape, random) };
}

function sampleSparse(sparse: Sparse, { rows, columns }: Shape, random: Random): Sparse {
  const { keep, gapBits, values } = sparse;
  const order = wholes(rows * columns, 2 ** 24, random);
  const ranked = Array.from(order.keys()).sort((a, b) => order[a] - order[b] || a - b);
  const positions = withinReach(Int32Array.from(ranked), keep, largestGap(gapBits));
  return { ...sparse, positions, values: sampleOf(values, { rows: 1, columns: keep }, random) };
}

/** Whole numbers in [0, below). */
function wholes(count: number, below: number, random: Random): Float32Array {
  return Float32Array.from({ length: count }, () => Math.floor(random.next() * below));
}

/** Eighths in [−1, 1]. */
function eighths(count: number, random: Random): Float32Array {
  return wholes(count, 17, random).map((value) => value / 8 - 1);
}
