import { isPlainNumbers, readAsPlanned, type Coded } from '../../../encodings/index.ts';
import type { LayerWeight } from '../../contract.ts';
import { nestedTable, topBits, WIDTHS, type Width } from './nested-grid.ts';

/** Nested codes with the scales that all widths share. */
interface Nested {
  readonly bits: Width;
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
}

/** The planned form filled with the top bits of wider codes: scales stay as they are. */
export function sliceOf(planned: Coded, { bits: from, codes, scales }: Nested, bits: Width): Coded {
  const numbers = planned.scales && isPlainNumbers(planned.scales) ? planned.scales : undefined;
  return {
    ...planned,
    codes: topBits(codes, from, bits),
    ...(numbers && { scales: { ...numbers, values: scales } }),
  };
}

/** The slice of a weight that the file holds in nested codes of as many bits or more, on the same blocks; else undefined. */
export async function storedSlice(
  { stored, values }: LayerWeight,
  planned: Coded,
): Promise<Coded | undefined> {
  const [from, to] = [widthOf(stored?.weight.bits), widthOf(planned.bits)];
  if (stored === undefined || from === undefined || to === undefined || from < to) return undefined;
  const asked = { ...planned, bits: from, grid: nestedTable(from) };
  const found = await readAsPlanned(stored.graph, stored.weight, asked, values);
  if (found?.codes === undefined || !found.scales || !isPlainNumbers(found.scales))
    return undefined;
  const { values: scales } = found.scales;
  return scales && sliceOf(planned, { bits: from, codes: found.codes, scales }, to);
}

function widthOf(bits: number | undefined): Width | undefined {
  return WIDTHS.find((width) => width === bits);
}
