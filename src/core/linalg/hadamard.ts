import { LatheError } from '../errors/lathe-error.ts';

/**
 * Y = X·(I ⊗ H_b)/√b along the rows of X [rows, columns], H_b the Sylvester–Hadamard matrix of size
 * b = `blockSize` (default: all columns): orthogonal and its own inverse, b·log₂b additions per block.
 * Spreads outlier channels over a block before quantizing (QuaRot, arXiv 2404.00456).
 * Throws `hadamard-size` when b is no power of two or does not divide `columns`.
 */
export function hadamardTransform(
  x: Float32Array,
  rows: number,
  columns: number,
  blockSize: number = columns,
): Float32Array {
  requireSize(columns, blockSize);
  const y = Float64Array.from(x);
  for (let start = 0; start < rows * columns; start += blockSize)
    for (let half = 1; half < blockSize; half *= 2) butterflies(y, start, blockSize, half);
  const scale = 1 / Math.sqrt(blockSize);
  return Float32Array.from(y, (value) => value * scale);
}

/** One level: every pair half apart becomes its sum and difference. */
function butterflies(y: Float64Array, start: number, size: number, half: number): void {
  for (let block = start; block < start + size; block += 2 * half)
    for (let i = block; i < block + half; i++) {
      const [a, b] = [y[i], y[i + half]];
      y[i] = a + b;
      y[i + half] = a - b;
    }
}

function requireSize(columns: number, blockSize: number): void {
  if (Number.isInteger(Math.log2(blockSize)) && columns % blockSize === 0) return;
  throw new LatheError(
    'hadamard-size',
    `A Hadamard transform of size ${blockSize} does not fit rows of ${columns}: the size must be a power of two that divides ${columns}.`,
    { columns, blockSize },
  );
}
