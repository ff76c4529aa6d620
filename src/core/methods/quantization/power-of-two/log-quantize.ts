import { fixedTable, type FixedTable } from '../../../encodings/index.ts';
import { LatheError } from '../../../errors/lathe-error.ts';

/**
 * What codes stand for, in units of 2^FSR: the highest bit is the sign, the others are 0 for zero and
 * m for 2^(1−m), so that decoding is a shift.
 */
export function levels(bits: number): FixedTable {
  const magnitudes = Array.from({ length: 2 ** (bits - 1) }, (_, m) =>
    m === 0 ? 0 : 2 ** (1 - m),
  );
  return fixedTable(`powers_${bits}bit`, [
    ...magnitudes,
    ...magnitudes.map((v) => (v === 0 ? 0 : -v)),
  ]);
}

export interface LogGroups {
  readonly columns: number;
  /** Columns that share a full-scale range; the last group of a row may be shorter. */
  readonly groupSize: number;
  readonly bits: number;
}

export interface LogCodes {
  /** Codes of {@link levels}, [rows, columns]. */
  readonly codes: Uint8Array;
  /** FSR + 127 of every group (`E8M0`), [rows, groups]. */
  readonly fsr: Uint8Array;
}

/**
 * LogQuant(w) = sign(w)·2^w̃, w̃ = Round(log₂|w|), with FSR = Round(log₂ max|w|) of each group; 0 where
 * w̃ ≤ FSR − (2^(bits−1) − 1). `values` is [rows, columns]. Throws `weight-not-finite`.
 */
export function logQuantize(
  values: Float32Array,
  { columns, groupSize, bits }: LogGroups,
): LogCodes {
  const codes = new Uint8Array(values.length);
  const fsr: number[] = [];
  for (let row = 0; row < values.length; row += columns)
    for (let at = row; at < row + columns; at += groupSize) {
      const end = Math.min(at + groupSize, row + columns);
      fsr.push(quantizeGroup(values.subarray(at, end), codes.subarray(at, end), bits, fsr.length));
    }
  return { codes, fsr: Uint8Array.from(fsr) };
}

/** Writes the codes of a group, and gives its FSR + 127. */
function quantizeGroup(
  group: Float32Array,
  codes: Uint8Array,
  bits: number,
  index: number,
): number {
  const logs = roundedLogs(group);
  const top = logs.reduce((most, log) => Math.max(most, log), 0);
  if (top === NOT_FINITE) throw notFinite(index);
  const fsr = Math.min(top, LARGEST);
  const sign = 2 ** (bits - 1);
  logs.forEach((log, i) => {
    const m = 1 + Math.max(0, fsr - log);
    if (log > 0 && m < sign) codes[i] = (group[i] < 0 ? sign : 0) + m;
  });
  return fsr;
}

/** 2^127, the largest power of two in float32 and E8M0; what rounds to 2^128 gets it too. */
const LARGEST = 127 + 127;
const NOT_FINITE = 256;

/** Mantissa of √2 in float32; no float32 is √2 itself, so there are no ties. */
const ROOT_2 = 0x3504f3;

/**
 * Round(log₂|w|) + 127 of every value, 0 for zeros and subnormals. WHY from the bits: engines may
 * round Math.log2 differently.
 */
function roundedLogs(values: Float32Array): Int16Array {
  const words = new Uint32Array(values.slice().buffer);
  return Int16Array.from(words, (word) => {
    const exponent = (word >>> 23) & 255;
    if (exponent === 255) return NOT_FINITE;
    return exponent === 0 ? 0 : exponent + ((word & 0x7fffff) > ROOT_2 ? 1 : 0);
  });
}

function notFinite(group: number): LatheError {
  return new LatheError(
    'weight-not-finite',
    `Group ${group} of this weight holds a value that is not a finite number, so it has no largest power of two: repair or re-export the model, or leave this layer out.`,
    { group },
  );
}
