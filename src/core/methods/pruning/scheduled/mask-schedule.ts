import { prunedOf, type Pattern } from '../../../kernels/select.ts';
import { transpose } from '../../../tensor/matrix.ts';
import type { Between, TrainingVectors } from '../../../training/between.ts';
import type { ParameterLayout } from '../../../training/parameters.ts';
import { VALUES } from '../../../training/value-names.ts';
import { endOf, prunesAt, sparsityAt, type Ramp } from './cubic.ts';
import { keepAllButSmallest, magnitudeWords, protectLargest, signedWords } from './ranks.ts';

/** A matrix W [rows, columns] whose mask follows a ramp. */
export interface ScheduledMatrix {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** It lies in memory as Wᵀ. */
  readonly turned: boolean;
}

export interface MaskSchedule {
  readonly matrices: readonly ScheduledMatrix[];
  readonly ramp: Ramp;
  readonly pattern: Pattern;
  /** Each matrix loses the share by itself, or all together. */
  readonly scope: 'tensor' | 'global';
  /** What is smallest goes: |w|, or the movement score S. */
  readonly by: 'magnitude' | 'movement';
}

/**
 * Masks between steps: at each pruning of the ramp M keeps all but the share s_t of smallest |w| or S. With N:M, what
 * goes is chosen among the weights that are not the N largest of their M neighbours, so that the last pruning, which
 * takes all of those, leaves the pattern.
 */
export function maskBetween(schedule: MaskSchedule, layout: ParameterLayout): Between {
  const { ramp, matrices } = schedule;
  const offsets = new Map(layout.parameters.map(({ name, offset }) => [name, offset]));
  const placed = matrices.map((matrix) => ({ ...matrix, offset: offsets.get(matrix.name) ?? 0 }));
  const nothing = ramp.final === 0;
  return {
    isDue: (step) => !nothing && prunesAt(step, ramp),
    settled: nothing ? -1 : endOf(ramp),
    revise: (vectors, step) => ({
      further: { ...vectors.further, [VALUES.mask]: maskAt(step, vectors, placed, schedule) },
    }),
  };
}

type Placed = ScheduledMatrix & { readonly offset: number };

function maskAt(
  step: number,
  vectors: TrainingVectors,
  matrices: readonly Placed[],
  { ramp, pattern, scope, by }: MaskSchedule,
): Float32Array {
  const share = sparsityAt(step, ramp);
  const words = matrices.map((matrix) => wordsOf(matrix, vectors, pattern, by));
  const mask = vectors.further[VALUES.mask].slice();
  const keeps =
    scope === 'global'
      ? apart(
          keepAllButSmallest(joined(words), goneOf(joined(words).length, share, pattern)),
          words,
        )
      : words.map((own) => keepAllButSmallest(own, goneOf(own.length, share, pattern)));
  matrices.forEach((matrix, at) => write(mask, matrix, keeps[at]));
  return mask;
}

/** How many of so many weights go. */
export function goneOf(total: number, share: number, pattern: Pattern): number {
  return typeof pattern === 'number' ? prunedOf(total, share) : Math.round(total * share);
}

/** What W is ranked by, row by row, larger stays. */
function wordsOf(
  { offset, rows, columns, turned }: Placed,
  { theta, further }: TrainingVectors,
  pattern: Pattern,
  by: MaskSchedule['by'],
): Uint32Array {
  const from = by === 'magnitude' ? theta : further[VALUES.scores];
  const stored = from.subarray(offset, offset + rows * columns);
  const values = turned ? transpose(stored, columns, rows) : stored;
  const words = by === 'magnitude' ? magnitudeWords(values) : signedWords(values);
  if (typeof pattern !== 'number') protectLargest(words, pattern.n, pattern.m);
  return words;
}

function write(mask: Float32Array, { offset, rows, columns, turned }: Placed, keep: Uint8Array) {
  for (let r = 0, at = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++, at++) {
      mask[offset + (turned ? c * rows + r : at)] = keep[at];
    }
  }
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function apart(keep: Uint8Array, parts: readonly Uint32Array[]): readonly Uint8Array[] {
  let at = 0;
  return parts.map(({ length }) => keep.subarray(at, (at += length)));
}
