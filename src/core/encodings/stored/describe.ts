import type { Coded } from '../types.ts';
import type { StoredWeight } from './types.ts';

/** How a weight is stored, in words: "int4 block 32 symmetric, MatMulNBits". */
export function describeStored(stored: StoredWeight): string {
  const { encoded, kernel, bits, roundsInput } = stored;
  if (encoded.kind === 'split') {
    const apart = encoded.columns.length;
    const which = apart === 1 ? 'one input channel' : `${apart} input channels`;
    return `${describeStored({ ...stored, encoded: encoded.rest })}, ${which} in float`;
  }
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
