import type { Coded } from '../types.ts';
import type { StoredWeight } from './types.ts';

/** How a weight is stored, in words: "int4 block 32 symmetric, MatMulNBits". */
export function describeStored({ encoded, kernel, bits, roundsInput }: StoredWeight): string {
  if (encoded.kind !== 'coded') return `${bits}-bit codes, unpacked by ${kernel}`;
  const rounds = roundsInput ? ', input rounded to 8 bits' : '';
  return `${codedForm(encoded)}, ${kernel}${rounds}`;
}

function codedForm({ bits, grid, granularity, groupSize, zeros }: Coded): string {
  const shared = granularity === 'block' ? `block ${groupSize}` : `per ${granularity}`;
  if (grid !== 'integer') {
    return `${grid.shared === 'fixed' ? grid.name : `table of ${2 ** bits}`} ${shared}`;
  }
  return `int${bits} ${shared} ${zeros === undefined ? 'symmetric' : 'with zero points'}`;
}
